import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { preprocessSchema } from '../../src/data/preprocess.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { TeacherContext } from '../../src/run/teachers/define.ts';
import { openOnnx } from '../../src/run/teachers/onnx.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const fixtures = fileURLToPath(new URL('../fixtures/onnx/', import.meta.url));
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

test('ids that the model has no row for are refused before anything runs', async () => {
  await expect(open('bert-13.onnx', 51)).rejects.toThrow('teacher: bert-13.onnx knows ids from 0 to 49, and the tokenizer of the data gives ids up to 50; take the tokenizer that belongs to the model'); // biome-ignore format: one message
});

test('a role of the user that is no tensor is told with the nearest', async () => {
  await expect(open('bert-13.onnx', 50, { middle: '/encoder/layer.0/Ad_output_0' })).rejects.toThrow("teacher.taps.middle: bert-13.onnx has no tensor '/encoder/layer.0/Ad_output_0' with an example in each row; the nearest are /encoder/layer.0/Add_output_0 [L,16]"); // biome-ignore format: one message
});
