import { constantOf, type Graph, nodeOf, type Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';
import { type Attention, attentionsIn } from '../roles/attention.ts';
import { layersIn } from '../roles/blocks.ts';
import { type Linear, linearAt, linearBefore, linearBehind, type Norm, normAt } from '../roles/linear.ts';
import { joinAfter } from '../roles/residual.ts';
import { backThrough, reachable, type Structure as Seen, structureOf, summands } from '../roles/structure.ts';
import { bertStructure } from '../text/bert-structure.ts';
import { transposed } from '../text/hub-names.ts';
import type { Structure } from './structure.ts';

/** An encoder as BERT's, taken apart. */
export interface EncoderParts {
  readonly structure: Structure;
  /** Its tensors under the names and in the layout of `bert`. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Tensors of the graph in the parts of the roles on which importance is measured. */
  readonly taps: ReadonlyMap<string, string>;
}

/**
 * Takes an encoder that normalises behind its sums apart, by the flow of its values; undefined for any other model.
 *
 * @param graph With known sizes.
 * @param logits Name of the tensor with the logits.
 * @param vocabulary Of its words, how many to take; all if it has fewer.
 */
export function encoderParts(graph: Graph, logits: string, vocabulary = Number.POSITIVE_INFINITY): EncoderParts | undefined {
  const seen = structureOf(graph);
  const attentions = attentionsIn(seen);
  const { first, blocks } = layersIn(attentions, seen);
  if (!first || blocks.length !== attentions.length) return undefined;
  const stream = [first, ...blocks.map((block) => block.leaves)];
  const layers = attentions.flatMap((attention, i) => layerAt(attention, stream[i]!, stream[i + 1]!, seen) ?? []);
  const embedded = tablesBefore(first, seen, vocabulary);
  const [one] = layers;
  if (!embedded || !one || layers.length !== attentions.length) return undefined;
  const head = headAt(graph.names.get(logits), seen);
  const width = first.shape.at(-1) as number;
  const rows = (name: string): number => embedded.get(`embeddings.${name}.weight`)?.shape[0] ?? 0;
  const heads = attentions[0]!.scores.shape[1] as number;
  const structure = bertStructure({
    layers: layers.length,
    width,
    heads,
    headWidth: widthOf(one.query) / heads,
    inner: widthOf(one.inner),
    vocabulary: rows('word'),
    positions: rows('position'),
    types: rows('type'),
    outputs: head.get('classifier.weight')?.shape[1] ?? 0,
  });
  // The last layer may work on some places alone: nothing is measured there.
  const nameOf = (v: Value): readonly string[] =>
    v.rank === 3 && v.shape[1] === first.shape[1] ? [seen.names.get(v)].filter((n) => n !== undefined) : [];
  const taps = [
    ...nameOf(first).map((tensor) => ['tokens', tensor] as const),
    ...layers.flatMap((layer, i) => [
      ...nameOf(stream[i + 1]!).map((tensor) => [`hidden.${i}`, tensor] as const),
      ...nameOf(layer.output.x).map((tensor) => [`heads.${i}`, tensor] as const),
      ...nameOf(layer.fed.x).map((tensor) => [`inner.${i}`, tensor] as const),
    ]),
  ];
  return {
    structure,
    weights: new Map([...embedded, ...layers.flatMap((layer, i) => weightsOf(layer, `layers.${i}`)), ...head]),
    taps: new Map(taps),
  };
}

/** The parts of a layer; `output` ends its attention, `fed` its feed-forward part. */
interface Layer extends Readonly<Record<'query' | 'key' | 'value' | 'output' | 'inner' | 'fed', Linear>> {
  readonly attended: Norm;
  readonly normed: Norm;
}

function layerAt(attention: Attention, enters: Value, leaves: Value, seen: Seen): Layer | undefined {
  const [query, key, value] = [attention.query, attention.keys, attention.value].map((v) => linearBehind(v, seen));
  const join = joinAfter(attention, seen);
  const output = join && linearAt(join.added, seen);
  const normed = normAt(leaves);
  const sum = normed && nodeOf(normed.x);
  const pair = sum && summands(sum, seen);
  if (!query || !key || !value || !output || !normed || !pair) return undefined;
  // Layers that normalise in front of their parts give keys something else than what they add to.
  if (key.x !== enters && backThrough(key.x, reshaping, seen) !== enters) return undefined;
  for (const [added, kept] of [pair, [pair[1], pair[0]] as const]) {
    const [fed, attended] = [linearAt(added, seen), normAt(kept)];
    const inner = fed && linearBefore(fed.x, seen);
    if (fed && inner && attended?.x === join.sum) return { query, key, value, output, attended, inner, fed, normed };
  }
  return undefined;
}

const reshaping: ReadonlySet<string> = new Set(['Reshape', 'Identity']);

const widthOf = ({ weight, turned }: Linear): number => weight.tensor.shape[turned ? 0 : 1]!;

const weightsOf = (layer: Layer, at: string): readonly (readonly [string, Tensor])[] => [
  ...linear(`${at}.attention.query`, layer.query),
  ...linear(`${at}.attention.key`, layer.key),
  ...linear(`${at}.attention.value`, layer.value),
  ...linear(`${at}.attention.output`, layer.output),
  ...norm(`${at}.attention.norm`, layer.attended),
  ...linear(`${at}.feedforward.inner`, layer.inner),
  ...linear(`${at}.feedforward.output`, layer.fed),
  ...norm(`${at}.feedforward.norm`, layer.normed),
];

const linear = (name: string, { weight, turned, bias }: Linear): readonly (readonly [string, Tensor])[] => [
  [`${name}.weight`, turned ? transposed(weight.tensor) : weight.tensor],
  ...(bias ? [[`${name}.bias`, bias.tensor] as const] : []),
];
const norm = (name: string, { scale, shift }: Norm): readonly (readonly [string, Tensor])[] => [
  [`${name}.weight`, scale.tensor],
  [`${name}.bias`, shift.tensor],
];

/** The tables that are looked up for what enters the first layer, and the norm behind them. */
function tablesBefore(tokens: Value, seen: Seen, vocabulary: number): ReadonlyMap<string, Tensor> | undefined {
  const normed = normAt(tokens);
  if (!normed) return undefined;
  const tables = lookedUp(normed.x);
  const places = tables.filter(({ rows }) => countsPlaces(rows, seen));
  // Of what is looked up by what is fed: there are more words than kinds of texts.
  const [word, type, ...more] = tables
    .filter((table) => !places.includes(table))
    .toSorted((a, b) => b.table.shape[0]! - a.table.shape[0]!);
  if (!word || places.length !== 1 || more.length > 0) return undefined;
  return new Map([
    ['embeddings.word.weight', firstRows(word.table, vocabulary)],
    ['embeddings.position.weight', places[0]!.table],
    ...(type ? [['embeddings.type.weight', type.table] as const] : []),
    ...norm('embeddings.norm', normed),
  ]);
}

/** Whether rows are chosen by where in a text a token is: the same for all texts, or counted. */
function countsPlaces(rows: Value | undefined, { graph, fed }: Seen): boolean {
  if (!rows || !fed.has(rows) || rows.rank < 2) return true;
  const counts = graph.nodes.filter((node) => node.op.onnx === 'CumSum').flatMap((node) => node.outputs);
  return reachable(graph, counts, () => true).has(rows);
}

interface LookedUp {
  readonly table: Tensor;
  /** The numbers of the rows; undefined for rows in a row. */
  readonly rows: Value | undefined;
}

/** Tables among what a sum is made of. */
function lookedUp(sum: Value): readonly LookedUp[] {
  const node = nodeOf(sum);
  const table = constantOf(node?.inputs[0]);
  if (node && table?.shape.length === 2 && lookups.has(node.op.onnx)) {
    return [{ table, rows: node.op.onnx === 'Gather' ? node.inputs[1] : undefined }];
  }
  const through = node && (node.op.onnx === 'Add' || reshaping.has(node.op.onnx) || spreading.has(node.op.onnx));
  return through ? node.inputs.flatMap((v) => (v && nodeOf(v) ? lookedUp(v) : [])) : [];
}
const lookups: ReadonlySet<string> = new Set(['Gather', 'Slice']);
const spreading: ReadonlySet<string> = new Set(['Unsqueeze', 'Squeeze', 'Expand']);

function firstRows({ dtype, shape, data }: Tensor, most: number): Tensor {
  const [rows, columns] = shape as readonly [number, number];
  const kept = Math.min(rows, most);
  return { dtype, shape: [kept, columns], data: (data as Float32Array).subarray(0, kept * columns) };
}

/** The classifier, and the layer with tanh in front of it, where they are there. */
function headAt(logits: Value | undefined, seen: Seen): ReadonlyMap<string, Tensor> {
  const classifier = linearAt(logits, seen);
  const pooled = classifier && nodeOf(classifier.x);
  const pooler = pooled?.op.onnx === 'Tanh' ? linearAt(pooled.inputs[0], seen) : undefined;
  return new Map([...(classifier ? linear('classifier', classifier) : []), ...(pooler ? linear('pooler', pooler) : [])]);
}
