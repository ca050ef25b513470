import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { weightingOf, weightingSchema, weightings } from '../../src/methods/weighting/list.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { type StandIn, standIn } from './signals.ts';

const [B, K] = [6, 3];
type Data = Readonly<Record<string, readonly number[]>>;

const open = (progress = 0): StandIn =>
  standIn({
    student: { logits: [B, K], values: [B] },
    teacher: { logits: [B, K] },
    target: [B, K],
    progress: { step: progress, steps: 101 },
  });

/** Factors of a rule, the gradients of their sum, and what its buffers become. The losses are the tap `values`. */
async function weigh(option: object, data: Data = {}, step = 0) {
  const made = open(step);
  const { signals } = made;
  const options = weightingSchema.parse(option);
  const values = signals.student.get('values')!;
  const factors = weightingOf(options).weigh(signals, values, options);
  expect(factors.shape).toEqual([B]);
  const slopes = grad(sum(factors), [values, signals.student.get('logits')!, signals.teacher.get('logits')!]);
  const kept = made.buffers().map(({ name, after }) => [`after ${name}`, after] as const);
  const found = await evaluate(
    { factors, ...Object.fromEntries([...slopes.map((v, i) => [`d${i}`, v] as const), ...kept]) },
    made.feeds(1, { 'student.values': losses, ...data }),
  );
  return {
    factors: numbers(found.factors!),
    slopes: slopes.flatMap((_, i) => numbers(found[`d${i}`]!)),
    kept: kept.map(([name]) => numbers(found[name]!)),
  };
}
const losses = [0.5, 3, 0, 1, 2, 0.25];
const drawn = (name: string): number[] => numbers(open().feeds()[name]!);
const filled = (value: (row: number, k: number) => number): number[] =>
  Array.from({ length: B * K }, (_, i) => value(Math.floor(i / K), i % K));
const hot = (labels: readonly number[]): number[] => filled((row, k) => Number(labels[row] === k));
const near = (list: readonly number[], digits = 5) => list.map((v) => expect.closeTo(v, digits));

const half = { schedule: 'step', from: 0.5, to: 0.5 };
const settings: readonly object[] = [
  ...weightings.map(({ by }) => ({ by, ...(by === 'classes' && { classes: [0, 2] }) })),
  { by: 'loss', form: 'softmax' },
  { by: 'rarity', counts: [100, 1, 0] },
  { by: 'entropy', prefer: 'low' },
  { by: 'curriculum', share: half, soft: 0.5 },
];

describe.each(settings.map((s) => [JSON.stringify(s).replaceAll('"', ''), s] as const))('%s', (_, option) => {
  test('gives finite factors from 0, whatever the logits and losses', async () => {
    for (const [logits, values, target] of [
      [filled((row, k) => ((row + k) % 2 ? 40 : -40)), [0, 1e4, 0, 1e-30, 3, 600], hot([0, 1, 2, 0, 1, 2])],
      [filled(() => 5), Array(B).fill(0), hot([0, 0, 0, 0, 0, 0])],
      [filled(() => 0), Array(B).fill(2), hot([])],
    ] as const) {
      const { factors } = await weigh(option, {
        'student.logits': logits,
        'teacher.logits': logits,
        'student.values': values,
        target,
      });
      expect(factors.every((w) => Number.isFinite(w) && w >= 0)).toBe(true);
    }
  });

  test('follows the examples when they change places', async () => {
    const turned = (list: readonly number[]): number[] => {
      const width = list.length / B;
      return [...list.slice(width), ...list.slice(0, width)];
    };
    const { factors } = await weigh(option);
    const data = Object.fromEntries(['student.logits', 'teacher.logits', 'target'].map((name) => [name, turned(drawn(name))]));
    const moved = await weigh(option, { ...data, 'student.values': turned(losses) });
    expect(moved.factors).toEqual(near(turned(factors)));
  });

  test('lets no gradient through', async () => {
    expect((await weigh(option)).slopes.every((g) => g === 0)).toBe(true);
  });
});

test('by loss: in proportion to a power, or as a softmax', async () => {
  const top = Math.max(...losses);
  expect((await weigh({ by: 'loss' })).factors).toEqual(near(losses.map((l) => l / top)));
  expect((await weigh({ by: 'loss', power: 2 })).factors).toEqual(near(losses.map((l) => (l / top) ** 2)));
  const soft = (await weigh({ by: 'loss', form: 'softmax', tau: 0.5 })).factors;
  expect(soft).toEqual(near(losses.map((l) => Math.exp((l - top) / 0.5))));
});

test('by entropy: 1 where all classes are alike, 0 where one is certain, or the other way', async () => {
  const logits = filled((row, k) => (row < 3 && k === 0 ? 40 : 0));
  expect((await weigh({ by: 'entropy' }, { 'teacher.logits': logits })).factors).toEqual(near([0, 0, 0, 1, 1, 1]));
  const low = await weigh({ by: 'student-entropy', prefer: 'low' }, { 'student.logits': logits });
  expect(low.factors).toEqual(near([1, 1, 1, 0, 0, 0]));
});

describe('by classes', () => {
  test('counts the examples of some classes alone', async () => {
    const { factors } = await weigh({ by: 'classes', classes: [0, 2] }, { target: hot([0, 1, 2, 1, 1, 2]) });
    expect(factors).toEqual([1, 0, 1, 0, 0, 1]);
    await expect(weigh({ by: 'classes', classes: [3] })).rejects.toThrow('class 3 in group 0; expected classes 0 to 2');
  });
});

describe('by rarity', () => {
  const target = hot([0, 0, 1, 2]);

  test('counts give (n / mean n)^(−γ); an example without a label is of average size, an unseen class as one seen once', async () => {
    const { factors } = await weigh({ by: 'rarity', gamma: 0.5, counts: [6, 2, 0] }, { target });
    const of = (n: number): number => (n / 3) ** -0.5;
    expect(factors).toEqual(near([of(6), of(6), of(2), of(1), 1, 1]));
    const alike = await weigh({ by: 'rarity', gamma: 0, counts: [6, 2, 0] }, { target });
    expect(alike.factors).toEqual(near(Array(B).fill(1)));
  });

  test('without counts all classes start alike, and their shares move towards those of the batch', async () => {
    const { factors, kept } = await weigh({ by: 'rarity', momentum: 0.9 }, { target: hot([0, 0, 0, 1, 1, 0]) });
    expect(factors).toEqual(near(Array(B).fill(1)));
    expect(kept[0]).toEqual(near([0.9 / 3 + 0.1 * (4 / 6), 0.9 / 3 + 0.1 * (2 / 6), 0.9 / 3]));
    const unlabelled = await weigh({ by: 'rarity', momentum: 0.9 }, { target: hot([]) });
    expect(unlabelled.kept[0]).toEqual(near([1 / 3, 1 / 3, 1 / 3]));
  });

  test('counts for another number of classes are an error', async () => {
    await expect(weigh({ by: 'rarity', counts: [1, 2] })).rejects.toThrow(
      'rarity: 2 counts for targets [6,3]; expected one for each class, in their order',
    );
  });
});

describe('a curriculum', () => {
  test('begins with the easiest share of the batch and ends with all', async () => {
    const option = { by: 'curriculum', share: { schedule: 'linear', from: 0.5, to: 1 } };
    expect((await weigh(option, {}, 0)).factors).toEqual([1, 0, 1, 0, 0, 1]);
    expect((await weigh(option, {}, 40)).factors).toEqual([1, 0, 1, 1, 1, 1]);
    expect((await weigh(option, {}, 100)).factors).toEqual([1, 1, 1, 1, 1, 1]);
  });

  test('softly: the harder, the less; all in full at the end', async () => {
    const option = { by: 'curriculum', share: half, soft: 0.6 };
    const { factors } = await weigh(option);
    const order = losses.map((_, i) => i).sort((a, b) => losses[a]! - losses[b]!);
    const sorted = order.map((i) => factors[i]!);
    expect(sorted).toEqual(near([0, 1, 2, 3, 4, 5].map((r) => Math.min(1, Math.max(0, (0.8 - r / 6) / 0.6)))));
    const whole = { ...option, share: { schedule: 'step', from: 1, to: 1 } };
    expect((await weigh(whole)).factors).toEqual(Array(B).fill(1));
  });

  test('the teacher may say what is easy', async () => {
    const logits = filled((row, k) => (k === row % K ? row : 0));
    const { factors } = await weigh({ by: 'teacher-curriculum', share: half }, { 'teacher.logits': logits });
    expect(factors).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('equals are in or out together', async () => {
    const { factors } = await weigh({ by: 'curriculum', share: half }, { 'student.values': [1, 1, 1, 1, 1, 1] });
    expect(factors).toEqual(Array(B).fill(1));
  });
});

test('focal and wsld: full weight without a label, none for what is learnt', async () => {
  const logits = filled((row, k) => (k === row % K ? 40 : 0));
  const target = hot([0, 1, 2, 1]);
  const data = { 'student.logits': logits, 'teacher.logits': filled(() => 0), target };
  expect((await weigh({ by: 'focal' }, data)).factors).toEqual(near([0, 0, 0, 1, 1, 1]));
  expect((await weigh({ by: 'wsld' }, data)).factors).toEqual(near([0, 0, 0, 1, 1, 1]));
});
