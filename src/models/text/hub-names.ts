import { arrayOf, type Tensor } from '../../graph/type.ts';
import { nameIn, patternOf } from '../shrink/structure.ts';

/** Parts of BERT and DistilBERT as the transformers library calls them, and here; `*` is the number of a layer. */
const parts: readonly (readonly [theirs: string, ours: string])[] = [
  ['embeddings.word_embeddings', 'embeddings.word'],
  ['embeddings.position_embeddings', 'embeddings.position'],
  ['embeddings.token_type_embeddings', 'embeddings.type'],
  ['embeddings.LayerNorm', 'embeddings.norm'],
  ['encoder.layer.*.attention.self.query', 'layers.*.attention.query'],
  ['encoder.layer.*.attention.self.key', 'layers.*.attention.key'],
  ['encoder.layer.*.attention.self.value', 'layers.*.attention.value'],
  ['encoder.layer.*.attention.output.dense', 'layers.*.attention.output'],
  ['encoder.layer.*.attention.output.LayerNorm', 'layers.*.attention.norm'],
  ['encoder.layer.*.intermediate.dense', 'layers.*.feedforward.inner'],
  ['encoder.layer.*.output.dense', 'layers.*.feedforward.output'],
  ['encoder.layer.*.output.LayerNorm', 'layers.*.feedforward.norm'],
  ['pooler.dense', 'pooler'],
  ['classifier', 'classifier'],
  ['cls.predictions', 'mlm'],
  ['cls.predictions.transform.dense', 'mlm.transform'],
  ['cls.predictions.transform.LayerNorm', 'mlm.norm'],
  ['transformer.layer.*.attention.q_lin', 'layers.*.attention.query'],
  ['transformer.layer.*.attention.k_lin', 'layers.*.attention.key'],
  ['transformer.layer.*.attention.v_lin', 'layers.*.attention.value'],
  ['transformer.layer.*.attention.out_lin', 'layers.*.attention.output'],
  ['transformer.layer.*.sa_layer_norm', 'layers.*.attention.norm'],
  ['transformer.layer.*.ffn.lin1', 'layers.*.feedforward.inner'],
  ['transformer.layer.*.ffn.lin2', 'layers.*.feedforward.output'],
  ['transformer.layer.*.output_layer_norm', 'layers.*.feedforward.norm'],
];
const oursOf = new Map(parts);
/** Checkpoints from before 2019 have the names of TensorFlow. */
const ends: Readonly<Record<string, string>> = { weight: 'weight', bias: 'bias', gamma: 'weight', beta: 'bias' };

/**
 * Weights of a BERT or DistilBERT of the Hugging Face Hub under the names and in the layout of `bert`: matrices of dense layers are
 * [in, out] here and [out, in] there, tables are the same.
 *
 * @returns What has a place here; of what has none (`position_ids`, a decoder that is the table of words again) nothing.
 */
export function fromHubNames(weights: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const result = new Map<string, Tensor>();
  for (const [name, t] of weights) {
    const { pattern, layer } = patternOf(name.replace(/^(bert|distilbert)\./, ''));
    const dot = pattern.lastIndexOf('.');
    const [part, end] = [oursOf.get(pattern.slice(0, dot)), ends[pattern.slice(dot + 1)]];
    if (part === undefined || end === undefined) continue;
    const dense = t.shape.length === 2 && !part.startsWith('embeddings.');
    result.set(`${nameIn(part, layer)}.${end}`, dense ? transposed(t) : t);
  }
  return result;
}

/** A matrix turned round. */
export function transposed(t: Tensor): Tensor {
  const [rows, columns] = t.shape as readonly [number, number];
  const data = new (arrayOf(t.dtype))(rows * columns) as Float32Array;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[j * rows + i] = t.data[i * columns + j] as number;
  return { dtype: t.dtype, shape: [columns, rows], data };
}
