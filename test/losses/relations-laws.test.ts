import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { correlation, neighbourDifferences } from '../../src/losses/relations/cc.ts';
import { cosineGram, meanCosine } from '../../src/losses/relations/cosine-gram.ts';
import { darkRank } from '../../src/losses/relations/darkrank.ts';
import { pairDistances } from '../../src/losses/relations/pairwise.ts';
import { pkt } from '../../src/losses/relations/pkt.ts';
import { rkdAngle } from '../../src/losses/relations/rkd-angle.ts';
import { rkdDistance } from '../../src/losses/relations/rkd-distance.ts';
import { similarityPreserving } from '../../src/losses/relations/sp.ts';
import { mean } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';

type Loss = (student: Value, teacher: Value) => Value;

async function measure(loss: Loss, a: Tensor, b: Tensor): Promise<{ loss: number; values: number[]; slope: number[] }> {
  const graph = new Graph();
  const x = graph.input('a', a);
  const values = loss(x, graph.input('b', b));
  const [slope] = grad(mean(values), [x]);
  const found = await evaluate({ values, loss: mean(values), slope: slope! }, { a, b });
  return { loss: numbers(found.loss!)[0]!, values: numbers(found.values!), slope: numbers(found.slope!) };
}

const [B, D] = [6, 4];
const draw = (seed: number, width = D): number[][] => {
  const draws = random(seed, 'rows');
  return Array.from({ length: B }, () => Array.from({ length: width }, () => draws.normal()));
};
const pack = (rows: readonly number[][]): Tensor =>
  tensor('float32', [rows.length, rows[0]!.length], rows.flat().map(Math.fround));
const [S, T] = [draw(1), draw(2, 5)];

/** A rotation of the first two axes and of the last two. */
const turned = (rows: readonly number[][]): number[][] => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  return rows.map(([a, b, d, e]) => [c * a! - s * b!, s * a! + c * b!, c * d! - s * e!, s * d! + c * e!]);
};
const scaled = (rows: readonly number[][], by: number): number[][] => rows.map((r) => r.map((v) => v * by));
const moved = (rows: readonly number[][], by: number): number[][] => rows.map((r) => r.map((v) => v + by));
const order = [3, 0, 5, 1, 4, 2];
const shuffled = <X>(rows: readonly X[]): X[] => order.map((i) => rows[i]!);
const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));

const taylor: Loss = (s, t) => correlation(s, t, { order: 2 });
const paperPkt: Loss = (s, t) => pkt(s, t, 'paper');
const agreeing: readonly [string, Loss][] = [
  ['rkdDistance', rkdDistance],
  ['rkdAngle', rkdAngle],
  ['cosineGram', cosineGram],
  ['meanCosine', meanCosine],
  ['similarityPreserving', similarityPreserving],
  ['pkt', pkt],
  ['pkt of the paper', paperPkt],
  ['correlation', correlation],
  ['correlation, Taylor', taylor],
];

describe.each(agreeing)('%s', (_, loss) => {
  test('is zero with a gradient of zero where the student agrees, turned and scaled', async () => {
    const { values, slope } = await measure(loss, pack(scaled(turned(S), 3)), pack(S));
    expect(largest(values)).toBeLessThan(1e-6);
    expect(largest(slope)).toBeLessThan(1e-5);
  });

  test('does not see a rotation or a scale of either side', async () => {
    const plain = (await measure(loss, pack(S), pack(T))).loss;
    expect(plain).toBeGreaterThan(1e-5);
    expect((await measure(loss, pack(scaled(turned(S), 0.1)), pack(scaled(T, 20)))).loss / plain).toBeCloseTo(1, 3);
  });

  test('goes along with the order of the batch', async () => {
    const [plain, mixed] = [await measure(loss, pack(S), pack(T)), await measure(loss, pack(shuffled(S)), pack(shuffled(T)))];
    for (const [i, v] of shuffled(plain.values).entries()) expect(mixed.values[i]).toBeCloseTo(v, 5);
  });

  test('a batch of one costs nothing', async () => {
    const { values, slope } = await measure(loss, pack(S.slice(0, 1)), pack(T.slice(0, 1)));
    expect(Math.abs(values[0]!)).toBeLessThan(1e-6);
    expect(largest(slope)).toBeLessThan(1e-6);
  });
});

test.each([
  ['rkdDistance', rkdDistance],
  ['rkdAngle', rkdAngle],
] as [string, Loss][])('%s does not see where a side lies, and its gradient has no net force', async (_, loss) => {
  const plain = await measure(loss, pack(S), pack(T));
  expect((await measure(loss, pack(moved(S, 5)), pack(moved(T, -2)))).loss).toBeCloseTo(plain.loss, 5);
  for (let d = 0; d < D; d++) expect(S.reduce((sum, _, i) => sum + plain.slope[i * D + d]!, 0)).toBeCloseTo(0, 6);
});

test('rkdAngle keeps a bounded gradient when rows come together', async () => {
  const near = (gap: number): Tensor => pack(S.map((r, i) => (i === 1 ? S[0]!.map((v, d) => v + (d === 0 ? gap : 0)) : r)));
  for (const gap of [0, 1e-7, 1e-4, 1e-2]) {
    const { slope } = await measure(rkdAngle, near(gap), pack(T));
    expect(slope.every(Number.isFinite)).toBe(true);
    expect(largest(slope)).toBeLessThan(100);
  }
});

test('rows that are near count as apart, and equal rows as equal, wherever they lie', async () => {
  for (const [away, gap] of [
    [0, 0.01],
    [0, 0],
    [100, 0],
  ] as const) {
    const graph = new Graph();
    const x = pack(moved([...S.slice(1), S[1]!.map((v, d) => v + (d === 0 ? gap : 0))], away));
    const found = numbers((await evaluate({ d: pairDistances(graph.input('x', x)) }, { x })).d!);
    expect(found[B - 1]).toBeCloseTo(gap, 3);
    expect(Array.from({ length: B }, (_, i) => found[i * (B + 1)])).toEqual(Array(B).fill(0));
  }
});

test('rkdAngle with all corners named is rkdAngle, and some corners are part of it', async () => {
  const all = await measure(rkdAngle, pack(S), pack(T));
  const named = await measure((s, t) => rkdAngle(s, t, B), pack(S), pack(T));
  expect(named.values).toEqual(all.values);
  const two = await measure((s, t) => rkdAngle(s, t, 2), pack(S), pack(T));
  expect(two.loss).toBeCloseTo((all.values[0]! + all.values[1]!) / 2, 6);
});

test('rkdAngle of a large batch, computed in tiles, is what its formula says', async () => {
  const rows = (seed: number): number[][] => {
    const draws = random(seed, 'many rows');
    return Array.from({ length: 70 }, () => Array.from({ length: 3 }, () => Math.fround(draws.normal())));
  };
  const cosine = (x: readonly number[][], i: number, j: number, k: number): number => {
    const [to, too] = [j, k].map((c) => x[c]!.map((v, d) => v - x[i]![d]!)) as [number[], number[]];
    const dot = to.reduce((sum, v, d) => sum + v * too[d]!, 0);
    return i === j || i === k ? 0 : dot / (Math.hypot(...to) * Math.hypot(...too));
  };
  const huberOf = (gap: number): number => (gap < 1 ? gap * gap * 0.5 : gap - 0.5);
  const each = (x: readonly number[][], y: readonly number[][], i: number): number =>
    x.reduce((sum, _, j) => sum + x.reduce((s, __, k) => s + huberOf(Math.abs(cosine(x, i, j, k) - cosine(y, i, j, k))), 0), 0) /
    x.length ** 2;
  const [x, y] = [rows(5), rows(6)];
  const { values, slope } = await measure(rkdAngle, pack(x), pack(y));
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(each(x, y, i), 4);
  const loss = (by: number): number => {
    const shifted = x.map((r, i) => (i === 68 ? r.map((v, d) => v + (d === 1 ? by : 0)) : r));
    return shifted.reduce((sum, _, i) => sum + each(shifted, y, i), 0) / x.length;
  };
  expect(slope[68 * 3 + 1]).toBeCloseTo((loss(1e-4) - loss(-1e-4)) / 2e-4, 5);
});

test('a Taylor series of high order is the Gaussian kernel', async () => {
  const [exact, series] = [
    await measure(correlation, pack(S), pack(T)),
    await measure((s, t) => correlation(s, t, { order: 8 }), pack(S), pack(T)),
  ];
  expect(series.loss).toBeCloseTo(exact.loss, 6);
});

test('meanCosine is the square of the mean of what cosineGram compares', async () => {
  const gram = (await measure(cosineGram, pack(S), pack(T))).loss;
  const scalar = (await measure(meanCosine, pack(S), pack(T))).loss;
  expect(scalar).toBeLessThanOrEqual(gram);
});

test('neighbourDifferences is zero at agreement, sees the order of the batch, and asks for equal widths', async () => {
  expect((await measure(neighbourDifferences, pack(S), pack(S))).loss).toBe(0);
  const other = draw(3);
  const plain = (await measure(neighbourDifferences, pack(S), pack(other))).loss;
  expect((await measure(neighbourDifferences, pack(shuffled(S)), pack(shuffled(other)))).loss).not.toBeCloseTo(plain, 3);
  await expect(measure(neighbourDifferences, pack(S), pack(T))).rejects.toThrow('cc, neighbours: [6,4] of the student');
});

test('darkRank is least for the student whose order is clearest, and knows only the order of the teacher', async () => {
  const rank: Loss = (s, t) => darkRank(s, t, { alpha: 2, beta: 1, length: 3 });
  const agreed = (await measure(rank, pack(T), pack(T))).loss;
  expect((await measure(rank, pack(scaled(T, 10)), pack(T))).loss).toBeLessThan(agreed);
  expect((await measure(rank, pack(S), pack(T))).loss).toBeGreaterThan(agreed);
  expect((await measure(rank, pack(S), pack(scaled(T, 7)))).loss).toBeCloseTo((await measure(rank, pack(S), pack(T))).loss, 4);
});
