import { expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { preprocess, preprocessedShape, preprocessSchema } from '../../src/data/preprocess.ts';
import { Graph, nodeOf } from '../../src/graph/graph.ts';
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
  ['channels last', [3, 4, 5], { layout: 'nhwc', mean: [0.1, 0.2, 0.3], channels: 'bgr' }],
  ['rows of numbers', [3, 4, 5], { flatten: true, layout: 'nhwc' }],
  ['flat', [1, 4, 5], { flatten: true, mean: 0.1307, std: 0.3081 }],
  ['a table', [6], { mean: [1, 2, 3, 4, 5, 6], std: 2 }],
];

test.each(cases)('the graph does what the plain code does: %s', async (_, shape, options) => {
  const spec = preprocessSchema.parse(options);
  const example = { shape, layout: shape.length === 1 ? 'vector' : 'image' } as Parameters<typeof preprocess>[1];
  const g = new Graph();
  const view = g.input('view', { dtype: 'float32', shape: [2, ...shape] });
  const y = preprocessGraph(view, spec);
  const out = preprocessedShape(spec, example);
  expect(y.shape).toEqual([2, ...out]);

  const feed = sampleOf(view.type);
  const size = out.reduce((a, b) => a * b, 1);
  const expected = new Float32Array(2 * size);
  const one = preprocess(spec, example);
  for (const row of [0, 1]) one(feed.data as Float32Array, (row * feed.data.length) / 2, expected, row * size);
  const [d] = grad(sum(y), [view]);
  const found = await evaluate({ y: nodeOf(y) ? y : sum(y), d: d! }, { view: feed });
  if (nodeOf(y)) for (const [i, x] of numbers(found.y!).entries()) expect(Math.abs(x - expected[i]!)).toBeLessThan(1e-4);
  else expect(Array.from(expected)).toEqual(numbers(feed));
});

test('pictures are required where the options are about pictures', () => {
  const g = new Graph();
  const rows = g.input('rows', { dtype: 'float32', shape: [2, 6] });
  const one = g.input('one', { dtype: 'float32', shape: [2, 1, 4, 4] });
  expect(() => preprocessGraph(rows, preprocessSchema.parse({ channels: 'bgr' }))).toThrow(
    'are for pictures; the view is float32[2,6]',
  );
  expect(() => preprocessGraph(one, preprocessSchema.parse({ channels: 'grey' }))).toThrow('needs pictures with 3');
  expect(() => preprocessGraph(one, preprocessSchema.parse({ mean: [1, 2, 3] }))).toThrow('mean and std have 3 and 1 numbers');
});
