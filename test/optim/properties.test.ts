import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { random } from '../../src/data/random.ts';
import type { Graph, Value } from '../../src/graph/graph.ts';
import { neededNodes } from '../../src/graph/needed.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { mul, sub } from '../../src/ops/elementwise.ts';
import { averagedName } from '../../src/optim/ema.ts';
import { createOptimizer, optimizerSchema, optimizers } from '../../src/optim/presets.ts';
import { numbers } from '../support/ort.ts';
import { type State, stepper } from './stepper.ts';

type Input = z.input<typeof optimizerSchema>;

/** A table of what every optimizer must do; a new kind needs a row. */
const rows: Readonly<Record<string, { readonly fast: Input; readonly passes: number }>> = {
  sgd: { fast: { kind: 'sgd', learningRate: 0.1 }, passes: 4 },
  adam: { fast: { kind: 'adam', learningRate: 0.3 }, passes: 10 },
  adamw: { fast: { kind: 'adamw', learningRate: 0.3, weightDecay: 0 }, passes: 10 },
  lion: { fast: { kind: 'lion', learningRate: 0.15 }, passes: 7 },
};

const shapes: Readonly<Record<string, readonly number[]>> = {
  'conv.weight': [4, 2, 3, 3],
  'fc.weight': [3, 5],
  'fc.bias': [5],
  scale: [],
};
const names = Object.keys(shapes);
const start: Readonly<Record<string, Tensor>> = Object.fromEntries(
  names.map((name) => {
    const draws = random(1, name);
    return [
      name,
      tensor(
        'float32',
        shapes[name]!,
        Array.from({ length: sizeOf(shapes[name]!) }, () => draws.normal() + 3),
      ),
    ];
  }),
);
/** Gradient of Σ c·(w − 1)²/2 with c from 1 to 3. */
const towardsOne = (graph: Graph, name: string, w: Value): Value => mul(sub(w, 1), graph.scalar(1 + (names.indexOf(name) % 3)));
const optimizer = (options: Input, steps: number) => createOptimizer(optimizerSchema.parse(options), names, steps);
const distance = ({ tensors }: State): number =>
  Math.max(...names.flatMap((name) => numbers(tensors[name]!).map((w) => Math.abs(w - 1))));

test('every optimizer is in the table', () => {
  expect(Object.keys(rows)).toEqual(optimizers.map(({ kind }) => kind));
});

describe.each(Object.entries(rows))('%s', (kind, { fast, passes }) => {
  test('finds the minimum of a quadratic, for scalars, vectors, matrices and kernels', async () => {
    const path = stepper(start, towardsOne, () => optimizer(fast, 200).transform);
    expect(distance(path.start)).toBeGreaterThan(2);
    expect(distance((await path.run(path.start, 200)).at(-1)!)).toBeLessThan(0.01);
  });

  test('continues from saved tensors to the same bits', async () => {
    const all: Input = { ...fast, weightDecay: 0.01, clipNorm: 1, ema: {}, accumulate: 2, schedule: { kind: 'one-cycle' } };
    const build = () => stepper(start, towardsOne, () => optimizer(all, 30).transform);
    const whole = build();
    const uninterrupted = (await whole.run(whole.start, 30)).at(-1)!;
    const first = build();
    const half = (await first.run(first.start, 13)).at(-1)!;
    const saved = JSON.parse(JSON.stringify(Object.entries(half.tensors).map(([n, t]) => [n, t.shape, numbers(t)]))) as [
      string,
      number[],
      number[],
    ][];
    const loaded = Object.fromEntries(saved.map(([n, shape, values]) => [n, tensor('float32', shape, values)]));
    const resumed = (await build().run({ step: 13, tensors: loaded }, 17)).at(-1)!;
    expect(resumed).toEqual(uninterrupted);
  });

  test('two batches an update, of equal gradients, are one step each', async () => {
    const plain = stepper(start, towardsOne, () => optimizer(fast, 10).transform);
    const paired = stepper(start, towardsOne, () => optimizer({ ...fast, accumulate: 2 }, 20).transform);
    const [a, b] = [await plain.run(plain.start, 10), await paired.run(paired.start, 20)];
    expect(Object.keys(a[9]!.tensors).map((name) => b[19]!.tensors[name])).toEqual(Object.values(a[9]!.tensors));
    expect(optimizer({ ...fast, accumulate: 2 }, 20).learningRate(7)).toBe(optimizer(fast, 10).learningRate(3));
  });

  test(`passes over a matrix ${passes} times`, () => {
    const { graph, before, results } = stepper(start, towardsOne, () => optimizer(fast, 10).transform);
    const own = neededNodes(Object.values(results)[0]!.graph, Object.values(results)).filter(
      (n) => n.index >= before && n.outputs[0]!.shape.join() === '3,5',
    );
    expect(own.length).toBe(passes);
    expect(graph.inputs.length).toBeGreaterThan(names.length);
  });

  test('keeps to its schema', () => {
    expect(optimizerSchema.parse({ kind }).schedule.kind).toBe('cosine');
    expect(optimizerSchema.safeParse({ kind, learningRat: 1 }).success).toBe(false);
  });
});

test('frozen parameters stay, and a group has its own rate', async () => {
  const { transform, frozen, learningRate } = optimizer(
    {
      kind: 'sgd',
      learningRate: 0.1,
      momentum: 0,
      schedule: { kind: 'constant' },
      groups: [
        { match: 'conv.*', frozen: true },
        { match: ['*.bias', 'scale'], learningRate: 0.5 },
      ],
    },
    1,
  );
  const path = stepper(start, towardsOne, () => transform);
  const [after] = await path.run(path.start, 1);
  expect([...frozen]).toEqual(['conv.weight']);
  expect(learningRate(0)).toBe(0.1);
  expect(after!.tensors['conv.weight']).toEqual(start['conv.weight']);
  const moved = (name: string): number =>
    (numbers(start[name]!)[0]! - numbers(after!.tensors[name]!)[0]!) / (numbers(start[name]!)[0]! - 1);
  expect(moved('fc.weight')).toBeCloseTo(0.1 * 2, 5);
  expect(moved('fc.bias')).toBeCloseTo(0.05 * 3, 5);
  expect(moved('scale')).toBeCloseTo(0.05 * 1, 5);
});

test('the norm constraint holds for the incoming weights of every unit', async () => {
  const path = stepper(start, towardsOne, () => optimizer({ kind: 'sgd', learningRate: 0.01, maxNorm: 2 }, 5).transform);
  const { tensors } = (await path.run(path.start, 1))[0]!;
  const fc = numbers(tensors['fc.weight']!);
  const columns = [0, 1, 2, 3, 4].map((j) => Math.hypot(...fc.filter((_, i) => i % 5 === j)));
  const conv = numbers(tensors['conv.weight']!);
  const filters = [0, 1, 2, 3].map((i) => Math.hypot(...conv.slice(i * 18, (i + 1) * 18)));
  for (const norm of [...columns, ...filters]) expect(norm).toBeCloseTo(2, 4);
  expect(numbers(tensors['fc.bias']!).some((b) => Math.abs(b) > 2)).toBe(true);
});

test('an average begins as the weights after the first step', async () => {
  const path = stepper(start, towardsOne, () => optimizer({ kind: 'sgd', ema: { decay: 0.9 } }, 5).transform);
  const { tensors } = (await path.run(path.start, 1))[0]!;
  for (const name of names) expect(tensors[averagedName(name)]).toEqual(tensors[name]);
});

test('a proximal term pulls to the weights of the first step, however the gradients are gathered', async () => {
  // For each number w ← w − 0.1·(c·(w − 1) + 3·(w − w₀)) with w₀ where it began.
  const w0 = numbers(start.scale!)[0]!;
  const factor = 1 + (names.indexOf('scale') % 3);
  const wanted = [w0];
  for (let i = 0; i < 4; i++) wanted.push(wanted[i]! - 0.1 * (factor * (wanted[i]! - 1) + 3 * (wanted[i]! - w0)));
  const plain: Input = { kind: 'sgd', learningRate: 0.1, momentum: 0, schedule: { kind: 'constant' }, prox: { weight: 3 } };
  const found = async (options: Input, steps: number): Promise<number[]> => {
    const path = stepper(start, towardsOne, () => optimizer(options, steps).transform);
    return (await path.run(path.start, steps)).map(({ tensors }) => numbers(tensors.scale!)[0]!);
  };
  const closeTo = wanted.slice(1).map((w) => expect.closeTo(w, 5));
  expect(await found(plain, 4)).toEqual(closeTo);
  expect((await found({ ...plain, accumulate: 2 }, 8)).filter((_, i) => i % 2 === 1)).toEqual(closeTo);
});
