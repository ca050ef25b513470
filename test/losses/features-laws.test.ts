import { describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { activationBoundaries } from '../../src/losses/features/activation-boundaries.ts';
import { attentionTransfer } from '../../src/losses/features/attention-transfer.ts';
import { factorTransfer, meanFactorTransfer } from '../../src/losses/features/factor-transfer.ts';
import { fitMap } from '../../src/losses/features/fit-map.ts';
import { hierarchicalContext } from '../../src/losses/features/hierarchical-context.ts';
import { hint } from '../../src/losses/features/hint.ts';
import { neuronSelectivity } from '../../src/losses/features/neuron-selectivity.ts';
import { negativeMeans, partialDistance } from '../../src/losses/features/partial-distance.ts';
import { patience } from '../../src/losses/features/patience.ts';
import { flow, solutionFlow } from '../../src/losses/features/solution-flow.ts';
import { tokensToMap } from '../../src/losses/features/tokens.ts';
import { scaleOfVariance, variationalInformation } from '../../src/losses/features/variational-information.ts';
import { add } from '../../src/ops/elementwise.ts';
import { reshape } from '../../src/ops/shape.ts';
import { type Loss, measure } from '../support/measure.ts';
import { evaluate, numbers } from '../support/ort.ts';

/** Calls for every place of a tensor; the result is what lies there instead. */
const made = (shape: readonly number[], at: (i: number) => number): Tensor =>
  tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(at(i))),
  );
function draw(seed: number, ...shape: number[]): Tensor {
  const draws = random(seed, 'features');
  return made(shape, () => draws.normal());
}
const mapped = (t: Tensor, f: (v: number, i: number) => number): Tensor => {
  const v = numbers(t);
  return made(t.shape, (i) => f(v[i]!, i));
};
const scaled = (t: Tensor, by: number): Tensor => mapped(t, (v) => v * by);
/** The same rows of the last `cells` numbers, in another order. */
const shuffled = (t: Tensor, cells: number): Tensor => {
  const v = numbers(t);
  const to = (i: number): number => Math.floor(i / cells) * cells + (((i % cells) * 5 + 2) % cells);
  return mapped(t, (_, i) => v[to(i)]!);
};
const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));
const apart = (a: readonly number[], b: readonly number[]): number => largest(a.map((v, i) => v - b[i]!));

const maps = [3, 4, 4, 4] as const;
const distances: readonly [string, Loss, readonly number[]][] = [
  ['hint', hint, maps],
  ['patience', patience, [3, 6]],
  ['attentionTransfer', attentionTransfer, maps],
  ['attentionTransfer of the paper', (s, t) => attentionTransfer(s, t, { form: 'paper', power: 1 }), maps],
  ['neuronSelectivity by channels', neuronSelectivity, maps],
  ['neuronSelectivity by places', neuronSelectivity, [3, 6, 2, 2]],
  ['neuronSelectivity of means', (s, t) => neuronSelectivity(s, t, 'linear'), maps],
  ['hierarchicalContext', hierarchicalContext, [2, 3, 5, 5]],
  ['factorTransfer, squared', (s, t) => factorTransfer(s, t, { norm: 'l2' }), maps],
  ['meanFactorTransfer', meanFactorTransfer, maps],
  ['solutionFlow', (s, t) => solutionFlow({ first: s, second: s }, { first: t, second: t }), maps],
];

describe.each(distances)('%s', (_, loss, shape) => {
  test('is zero where student and teacher agree, with a gradient of zero, and positive elsewhere', async () => {
    const same = await measure(loss, draw(1, ...shape), draw(1, ...shape));
    expect(largest(same.values)).toBeLessThan(2e-6);
    expect(largest(same.slope)).toBeLessThan(2e-6);
    const { values } = await measure(loss, draw(1, ...shape), draw(2, ...shape));
    expect(Math.min(...values)).toBeGreaterThan(1e-4);
  });

  test('is symmetric, and knows each example alone', async () => {
    const [a, b] = [draw(1, ...shape), draw(2, ...shape)];
    const both = await measure(loss, a, b);
    expect(apart(both.values, (await measure(loss, b, a)).values)).toBeLessThan(1e-5);
    const first = (t: Tensor): Tensor => made([1, ...t.shape.slice(1)], (i) => numbers(t)[i]!);
    const alone = await measure(loss, first(a), first(b));
    expect(Math.abs(alone.values[0]! - both.values[0]!)).toBeLessThan(1e-5);
  });

  test('stays finite for zeros and for activations of 40', async () => {
    for (const [a, b] of [
      [0, 0],
      [0, 1],
      [40, -40],
    ] as const) {
      const { values, slope } = await measure(loss, scaled(draw(1, ...shape), a), scaled(draw(2, ...shape), b));
      expect([...values, ...slope].every(Number.isFinite)).toBe(true);
    }
  });
});

test.each([
  ['patience', patience, [3, 6]],
  ['attentionTransfer', attentionTransfer, maps],
  ['neuronSelectivity', neuronSelectivity, maps],
  ['factorTransfer', factorTransfer, maps],
  ['meanFactorTransfer', meanFactorTransfer, maps],
] as [string, Loss, number[]][])('%s does not see the scale of either side', async (_, loss, shape) => {
  const [s, t] = [draw(1, ...shape), draw(2, ...shape)];
  const plain = await measure(loss, s, t);
  for (const by of [30, 0.02]) {
    expect(apart(plain.values, (await measure(loss, scaled(s, by), scaled(t, 1 / by))).values)).toBeLessThan(1e-4);
  }
});

test.each([
  ['attentionTransfer', attentionTransfer],
  ['neuronSelectivity', neuronSelectivity],
  ['meanFactorTransfer', meanFactorTransfer],
  ['factorTransfer', factorTransfer],
  ['solutionFlow', distances.at(-1)![1]],
] as [string, Loss][])('%s does not see a permutation of places that both sides share', async (_, loss) => {
  const [s, t] = [draw(1, ...maps), draw(2, ...maps)];
  const plain = await measure(loss, s, t);
  expect(apart(plain.values, (await measure(loss, shuffled(s, 16), shuffled(t, 16))).values)).toBeLessThan(1e-5);
  expect(apart(plain.values, (await measure(loss, shuffled(s, 16), t)).values) > 1e-4).toBe(loss !== distances.at(-1)![1]);
});

test.each([
  ['attentionTransfer', attentionTransfer],
  ['neuronSelectivity', neuronSelectivity],
] as [string, Loss][])('%s sees neither the order of channels nor copies of all of them', async (_, loss) => {
  const [s, t] = [draw(1, ...maps), draw(2, ...maps)];
  const v = numbers(s);
  const turned = mapped(s, (_v, i) => v[Math.floor(i / 64) * 64 + (((i % 64) + 16) % 64)]!);
  const twice = made([3, 8, 4, 4], (i) => v[Math.floor(i / 128) * 64 + (i % 64)]!);
  const plain = await measure(loss, s, t);
  for (const other of [turned, twice]) expect(apart(plain.values, (await measure(loss, other, t)).values)).toBeLessThan(1e-5);
});

test('the kernel by channels and by places are the same number', async () => {
  const [s, t] = [draw(1, 2, 5, 3, 3), draw(2, 2, 5, 3, 3)];
  // Nine places against five channels, or against ten where every channel comes twice.
  const twice = (x: Tensor): Tensor => made([2, 10, 3, 3], (i) => numbers(x)[Math.floor(i / 90) * 45 + (i % 45)]!);
  const byChannels = await measure(neuronSelectivity, s, t);
  expect(apart(byChannels.values, (await measure(neuronSelectivity, twice(s), twice(t))).values)).toBeLessThan(1e-5);
});

test('hint: the published sum is half the number of elements times the mean', async () => {
  const [s, t] = [draw(1, 2, 3, 4), draw(2, 2, 3, 4)];
  const [mean, total] = [await measure(hint, s, t), await measure((a, b) => hint(a, b, 'paper'), s, t)];
  expect(apart(mean.values.map((v) => v * 6), total.values)).toBeLessThan(1e-4); // biome-ignore format: one call
});

describe('variationalInformation', () => {
  const at =
    (variance: number): Loss =>
    (s, t) =>
      variationalInformation(s, t, reshape(s.graph.scalar(scaleOfVariance(variance)), [1]));

  test('is least at the variance of the error, where it is ½·(1 + log v)', async () => {
    const [s, t] = [made([1, 1], () => 0.5), made([1, 1], () => 2)];
    const values = await Promise.all([1, 2.25, 4].map(async (v) => (await measure(at(v), s, t)).values[0]!));
    expect(values[1]).toBeCloseTo((1 + Math.log(2.25)) / 2, 5);
    expect(values[1]).toBeLessThan(Math.min(values[0]!, values[2]!));
  });

  test('with variance 1 is half the mean squared error', async () => {
    const [s, t] = [draw(1, 3, 1), draw(2, 3, 1)];
    const [half, whole] = [await measure(at(1), s, t), await measure(hint, s, t)];
    expect(apart(half.values.map((v) => 2 * v), whole.values)).toBeLessThan(1e-5); // biome-ignore format: one call
  });
});

describe('activationBoundaries', () => {
  test('sees the sign of the teacher alone', async () => {
    const [s, t] = [draw(1, 3, 8), draw(2, 3, 8)];
    const [plain, sharp] = [
      await measure(activationBoundaries, s, t),
      await measure(activationBoundaries, s, mapped(t, Math.sign)),
    ];
    expect(apart(plain.values, sharp.values)).toBe(0);
  });

  test('is zero beyond the margin on the right side', async () => {
    const t = draw(2, 3, 8);
    const { values, slope } = await measure(
      (a, b) => activationBoundaries(a, b, 1),
      mapped(t, (v) => 1.5 * Math.sign(v)),
      t,
    );
    expect(largest([...values, ...slope])).toBe(0);
  });
});

test('partialDistance forgives a student that is lower where the goal is negative, and only there', async () => {
  const loss: Loss = (s, t) => partialDistance(s, t, negativeMeans(t));
  const t = tensor('float32', [2, 2], [-1, 2, -3, 1]);
  // The first channel has the goal −1 and −2, its negative mean; the second none, so what the teacher says.
  const values = async (...s: number[]) => (await measure(loss, tensor('float32', [2, 2], s), t)).values;
  expect(await values(-5, 2, -9, 1)).toEqual([0, 0]);
  expect(await values(0, 2, -2, 0)).toEqual([1, 1]);
});

test('flow of a layer to itself is the matrix of second moments', async () => {
  const x = draw(1, 1, 2, 2, 2);
  const graph = new Graph();
  const v = graph.input('x', x);
  const found = numbers((await evaluate({ y: flow(v, v) }, { x })).y!);
  const [a, b] = [numbers(x).slice(0, 4), numbers(x).slice(4)];
  const dot = (p: number[], q: number[]): number => p.reduce((sum, n, i) => sum + n * q[i]!, 0) / 4;
  expect(apart(found, [dot(a, a), dot(a, b), dot(b, a), dot(b, b)])).toBeLessThan(1e-6);
});

test('tokens and the map that they make are the same to attention transfer', async () => {
  const [tokens, t] = [draw(1, 2, 10, 4), draw(2, 2, 3, 3, 3)];
  const direct = await measure(attentionTransfer, tokens, t);
  const turned = await measure((s, b) => attentionTransfer(tokensToMap('test', s, [3, 3]), b), tokens, t);
  expect(direct).toEqual(turned);
  expect(() => tokensToMap('here', new Graph().input('x', draw(1, 1, 7, 2)), [2, 2])).toThrow('here: 7 tokens make no picture');
});

test('values that have no places are errors', () => {
  const graph = new Graph();
  const value = (...shape: number[]): Value => graph.input(`v${graph.inputs.length}`, { dtype: 'float32', shape });
  expect(() => attentionTransfer(value(2, 5), value(2, 3, 4, 4))).toThrow(
    'attention transfer: [2,5] against [2,3,4,4]; expected maps [B,C,H,W] or tokens [B,L,D]',
  );
  expect(() => hint(value(2, 5), value(2, 1))).toThrow('hint: features of the student and of the teacher: [2,5] against [2,1]');
  expect(() => fitMap(add(value(2, 5), 1), [1, 1])).toThrow('expected [B,C,H,W]');
});
