import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { preprocessSchema } from '../../src/data/preprocess.ts';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import type { TeacherContext } from '../../src/run/teachers/define.ts';
import { openOnnx } from '../../src/run/teachers/onnx.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { apart } from '../support/golden.ts';
import { evaluate, numbers } from '../support/ort.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const fixtures = fileURLToPath(new URL('../fixtures/onnx/', import.meta.url));
/** Texts of a length; the second ends early. */
const viewOf = (count: number, length: number): Tensor => {
  const rows = Array.from({ length: count }, (_, i) => {
    const tokens = i === 1 ? length - 2 : length;
    const each = (of: (k: number) => number) => Array.from({ length }, (_, k) => (k < tokens ? of(k) : 0));
    return [...each((k) => 1 + ((i * 7 + k * 5) % 49)), ...each(() => 1)];
  });
  return tensor('float32', [count, 2, length], rows.flat());
};

const special = { pad: 0, unknown: 1, first: 2, separator: 3, mask: 4 };
const open = (model: string, vocabulary: number, taps: Record<string, string> = {}) =>
  openOnnx(
    { kind: 'onnx', model, logits: undefined, probabilities: false, preprocess: preprocessSchema.parse({}), taps },
    {
      splits: { train: { example: { layout: 'tokens', shape: [2, 16], text: { vocabulary, special, files: {} } } } },
      folder: dirname(`${fixtures}x`),
      runtime: engine,
      recipe: { training: { batchSize: 8 } },
    } as unknown as TeacherContext,
    'teacher',
  );

test('a text model offers its roles and tensors in shapes of any length, and is built for the length of a batch', async () => {
  const part = await open('bert-14-filled.onnx', 50, { middle: '/encoder/layer.0/Add_output_0' });
  expect(part.offer.get('logits')).toEqual([3]);
  expect(part.offer.get('hidden.1')).toEqual(['L', 16]);
  expect(part.offer.get('attention.0')).toEqual([2, 'L', 'L']);
  expect(part.offer.get('key.1')).toEqual([2, 'L', 8]);
  expect(part.offer.get('middle')).toEqual(['L', 16]);
  expect(part.offer.get('/encoder/layer.1/intermediate/Add_output_0')).toEqual(['L', 32]);
  for (const length of [16, 7]) {
    const graph = new Graph();
    const view = graph.input('view', { dtype: 'float32', shape: [8, 2, length] });
    const built = await part.build(graph, view, ['logits', 'hidden.1', 'attention.0', 'middle']);
    expect(built.get('logits')!.shape).toEqual([8, 3]);
    expect(built.get('hidden.1')!.shape).toEqual([8, length, 16]);
    expect(built.get('attention.0')!.shape).toEqual([8, 2, length, length]);
    expect(built.get('middle')!.shape).toEqual([8, length, 16]);
  }
});

test('a model of the next token has logits for each', async () => {
  const part = await open('gpt-14.onnx', 50);
  expect(part.offer.get('logits')).toEqual(['L', 50]);
  expect(part.offer.get('embedding')).toEqual(['L', 16]);
});

test('one file answers for batches of all lengths', async () => {
  const part = await open('bert-14-filled.onnx', 50);
  expect(part.fixedBatch).toBe(false);
  const graph = new Graph();
  const view = graph.input('view', { dtype: 'float32', shape: ['N', 2, 'L'] });
  const built = await part.build(graph, view, ['logits', 'hidden.1']);
  for (const length of [5, 12]) {
    const x = viewOf(3, length);
    const found = await evaluate(Object.fromEntries(built), { view: x });
    const own = new Graph();
    const fixed = await part.build(own, own.input('view', x), ['logits', 'hidden.1']);
    const expected = await evaluate(Object.fromEntries(fixed), { view: x });
    expect(found['hidden.1']!.shape).toEqual([3, length, 16]);
    for (const tap of ['logits', 'hidden.1']) expect(apart(numbers(found[tap]!), numbers(expected[tap]!))).toBeLessThan(1e-5);
  }
});

test('a model of the language says what it takes hidden tokens for, at their places', async () => {
  const part = await open('masked-lm-13.onnx', 50);
  expect(part.guesses!.get('masked')).toEqual([4, 50]);
  expect((await open('bert-13.onnx', 50)).guesses).toBeUndefined();
  const [count, length, most] = [3, 12, 3];
  const plain = viewOf(count, length);
  const rows = Array.from({ length: count }, (_, i) => [
    ...plain.data.slice(i * 2 * length, (i + 1) * 2 * length),
    // Places count from 1; the last text hides one token only.
    ...Array.from({ length }, (_, k) => (k < (i === 2 ? 1 : most) ? 2 + i + 3 * k : 0)),
    ...Array.from({ length }, (_, k) => (k < most ? 7 : 0)),
  ]).flat();
  const x = tensor('float32', [count, 4, length], rows.map(Number));
  const graph = new Graph();
  const built = await part.build(graph, graph.input('view', x), ['masked', 'logits']);
  const { masked, logits } = await evaluate(Object.fromEntries(built), { view: x });
  expect(masked!.shape).toEqual([count, most, 50]);
  const at = (i: number, k: number) =>
    numbers(logits!).slice((i * length + 1 + i + 3 * k) * 50, (i * length + 2 + i + 3 * k) * 50);
  for (const [i, k] of [
    [0, 0],
    [0, 2],
    [1, 1],
    [2, 0],
  ] as const) {
    expect(apart(numbers(masked!).slice((i * most + k) * 50, (i * most + k + 1) * 50), at(i, k))).toBe(0);
  }
});

test('ids that the model has no row for are refused before anything runs', async () => {
  await expect(open('bert-13.onnx', 51)).rejects.toThrow('teacher: bert-13.onnx knows ids from 0 to 49, and the tokenizer of the data gives ids up to 50; take the tokenizer that belongs to the model'); // biome-ignore format: one message
});

test('a role of the user that is no tensor is told with the nearest', async () => {
  await expect(open('bert-13.onnx', 50, { middle: '/encoder/layer.0/Ad_output_0' })).rejects.toThrow("teacher.taps.middle: bert-13.onnx has no tensor '/encoder/layer.0/Ad_output_0' with an example in each row; the nearest are /encoder/layer.0/Add_output_0 [L,16]"); // biome-ignore format: one message
});
