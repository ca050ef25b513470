import type { Value } from '../../graph/graph.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { add, cast, mul } from '../../ops/elementwise.ts';
import { concat } from '../../ops/movement.ts';
import { unsqueeze } from '../../ops/shape.ts';
import type { StudentFile } from '../student-file.ts';
import type { Layout } from './define.ts';
import { onnxUsage } from './usage.ts';

/** int64 [batch, sequence] each, as tokenizers of transformers.js give them. */
const names = ['input_ids', 'attention_mask', 'token_type_ids'] as const;

const inputsOf = ({ inputs = names }: StudentFile): readonly string[] => inputs;

/** Tokens [2, longest]: ids, and 1 or 2 by text. */
export const texts: Layout = {
  inputs: () => ({
    open: (graph) => {
      const [ids, mask, types] = names.map((name) =>
        cast(graph.input(name, { dtype: 'int64', shape: ['batch', 'sequence'] }), 'float32'),
      ) as [Value, Value, Value];
      return concat([unsqueeze(ids, [1]), unsqueeze(mul(mask, add(types, 1)), [1])], 1);
    },
    feeds: (view) => {
      const plane = (row: 0 | 1, value: (v: number) => number): Tensor => planeOf(view, row, value);
      return {
        input_ids: plane(0, (v) => v),
        attention_mask: plane(1, (v) => Number(v > 0)),
        token_type_ids: plane(1, (v) => Math.max(0, v - 1)),
      };
    },
    // Missing inputs are left out by whoever feeds; sizes have to be open.
    takes: (inputs) =>
      inputs.some((v) => v.name === names[0]) &&
      inputs.every(
        ({ name, dtype, shape }) =>
          (names as readonly string[]).includes(name) &&
          dtype === 'int64' &&
          shape.length === 2 &&
          shape.every((d) => typeof d === 'string'),
      ),
  }),
  pipelines: { classes: 'text-classification', numbers: 'feature-extraction', tags: 'token-classification' },
  config: ({ shape, classes, perToken, text }) => ({
    model_type: 'bert',
    architectures: [classes ? `BertFor${perToken ? 'Token' : 'Sequence'}Classification` : 'BertModel'],
    vocab_size: text!.vocabulary,
    pad_token_id: text!.special.pad,
    max_position_embeddings: shape[1],
  }),
  files: ({ text }) => text!.files,
  words: ({ shape }) => `texts of up to ${shape[1]} tokens`,
  sample: "'a text'",
  usage: (student) => [
    `Inputs \`${inputsOf(student).join('`, `')}\`: int64 [batch, sequence], up to ${student.shape[1]} tokens, from tokenizer.json.`,
    ...onnxUsage(
      [
        'const ids = []; // of tokenizer.json, such as [101n, 7592n, 102n]',
        "const row = (values) => new ort.Tensor('int64', BigInt64Array.from(values), [1, values.length]);",
        'const [input_ids, attention_mask, token_type_ids] = [row(ids), row(ids.map(() => 1n)), row(ids.map(() => 0n))];',
      ],
      inputsOf(student),
      student,
    ),
  ],
};

/** One row of each example of a view [N, 2, L] as whole numbers [N, L]. */
function planeOf({ shape, data }: Tensor, row: 0 | 1, value: (v: number) => number): Tensor {
  const [count, , length] = shape as readonly [number, number, number];
  const at = (i: number): number => (2 * Math.floor(i / length) + row) * length + (i % length);
  return {
    dtype: 'int64',
    shape: [count, length],
    data: BigInt64Array.from({ length: sizeOf([count, length]) }, (_, i) => BigInt(value(Number(data[at(i)])))),
  };
}
