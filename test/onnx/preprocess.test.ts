import { expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { plainVector } from '../../src/data/dataset.ts';
import { preprocess, preprocessedShape, preprocessSchema, settledPreprocess } from '../../src/data/preprocess.ts';
import { Graph, nodeOf } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { preprocessGraph } from '../../src/models/preprocess.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { sampleOf } from './samples.ts';

type Options = Parameters<typeof preprocessSchema.parse>[0];
const cases: readonly (readonly [what: string, example: readonly number[], options: Options])[] = [
  ['nothing', [3, 4, 5], {}],
  ['mean and std by channel', [3, 4, 5], { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }],
  ['one mean, a std by channel', [3, 4, 5], { mean: 0.5, std: [0.1, 0.2, 0.3] }],
  ['bytes, blue first', [3, 4, 5], { channels: 'bgr', scale: 255, mean: [103.939, 116.779, 123.68] }],
  ['grey', [3, 4, 5], { channels: 'grey', mean: 0.5, std: 0.5 }],
  ['three from one', [1, 4, 5], { channels: 'repeat', mean: [0.1, 0.2, 0.3] }],
  ['larger, smooth', [3, 4, 5], { resize: { height: 9, width: 7 } }],
  ['smaller, smooth', [3, 8, 6], { resize: { height: 3, width: 4, mode: 'bilinear' } }],
  ['nearest', [3, 4, 5], { resize: { height: 7, width: 3, mode: 'nearest' } }],
  ['smaller, mean of an area', [3, 8, 6], { resize: { height: 3, width: 4, mode: 'area' } }],
  ['larger, mean of an area', [1, 3, 2], { resize: { height: 7, width: 3, mode: 'area' } }],
  ['channels last', [3, 4, 5], { layout: 'nhwc', mean: [0.1, 0.2, 0.3], channels: 'bgr' }],
  ['rows of numbers', [3, 4, 5], { flatten: true, layout: 'nhwc' }],
  ['flat', [1, 4, 5], { flatten: true, mean: 0.1307, std: 0.3081 }],
  ['a table', [6], { mean: [1, 2, 3, 4, 5, 6], std: 2 }],
  ['some columns of a table', [6], { columns: ['c4', 'c0', 'c1*'], mean: [1, 2, 3], std: 2 }],
  ['the first of two texts', [2, 7], { texts: 'first' }],
];

const exampleOf = (shape: readonly number[]): Parameters<typeof preprocess>[1] => {
  if (shape.length === 1) return plainVector(Array.from({ length: shape[0]! }, (_, c) => `c${c}`));
  return { shape, layout: shape.length === 2 ? 'tokens' : 'image' } as Parameters<typeof preprocess>[1];
};

/** Two examples, the second without a second text. */
const pairs = tensor(
  'float32',
  [2, 2, 7],
  [...[9, 4, 5, 8, 6, 0, 0, 1, 1, 1, 2, 2, 0, 0], ...[9, 3, 8, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]],
);

test.each(cases)('the graph does what the plain code does: %s', async (_, shape, options) => {
  const spec = preprocessSchema.parse(options);
  const example = exampleOf(shape);
  const g = new Graph();
  const view = g.input('view', { dtype: 'float32', shape: [2, ...shape] });
  const y = preprocessGraph(view, settledPreprocess(spec, example));
  const out = preprocessedShape(spec, example);
  expect(y.shape).toEqual([2, ...out]);

  const feed = shape.length === 2 ? pairs : sampleOf(view.type);
  const size = out.reduce((a, b) => a * b, 1);
  const expected = new Float32Array(2 * size);
  const one = preprocess(spec, example);
  for (const row of [0, 1]) one(feed.data as Float32Array, (row * feed.data.length) / 2, expected, row * size);
  const [d] = grad(sum(y), [view]);
  const found = await evaluate({ y: nodeOf(y) ? y : sum(y), d: d! }, { view: feed });
  if (nodeOf(y)) for (const [i, x] of numbers(found.y!).entries()) expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-4);
  else expect(Array.from(expected)).toEqual(numbers(feed));
});

test('of two texts the first is seen alone', async () => {
  const g = new Graph();
  const view = g.input('view', { dtype: 'float32', shape: [2, 2, 7] });
  const y = preprocessGraph(view, plain({ texts: 'first' }));
  const found = numbers((await evaluate({ y }, { view: pairs })).y!);
  expect(found.slice(0, 14)).toEqual([9, 4, 5, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
  expect(found.slice(14)).toEqual(numbers(pairs).slice(14));
  const hidden = g.input('hidden', { dtype: 'float32', shape: [2, 4, 7] });
  expect(() => preprocessGraph(hidden, plain({ texts: 'first' }))).toThrow('words of both texts are hidden');
});

/** Options that name no columns. */
const plain = (options: Options) => ({ ...preprocessSchema.parse(options), columns: undefined });

test('pictures are required where the options are about pictures', () => {
  const g = new Graph();
  const rows = g.input('rows', { dtype: 'float32', shape: [2, 6] });
  const one = g.input('one', { dtype: 'float32', shape: [2, 1, 4, 4] });
  expect(() => preprocessGraph(rows, plain({ channels: 'bgr' }))).toThrow('are for pictures; the view is float32[2,6]');
  expect(() => preprocessGraph(one, plain({ channels: 'grey' }))).toThrow('needs pictures with 3');
  expect(() => preprocessGraph(one, plain({ mean: [1, 2, 3] }))).toThrow('mean and std have 3 and 1 numbers');
});
