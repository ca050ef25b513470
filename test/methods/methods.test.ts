import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { grad } from '../../src/autodiff/grad.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { combine, termNames } from '../../src/methods/combine.ts';
import type { Progress } from '../../src/methods/define.ts';
import { type LossOptions, lossSchema } from '../../src/methods/index.ts';
import { fromShorthand, shorthandSchema } from '../../src/methods/shorthand.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { standIn } from './signals.ts';

const losses = (...list: z.input<typeof lossSchema>[]): LossOptions[] => list.map((l) => lossSchema.parse(l));

const student = tensor('float32', [4, 3], [1, -2, 0.5, 3, 0, -1, 0.25, 0.5, 2, -1, 1, 4]);
const teacher = tensor('float32', [4, 3], [0, 1, -1, 2, 2, 0, 1, -0.5, 3, 0, 0, 1]);
const target = tensor('float32', [4, 3], [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);

/** Total, terms and the gradient of the total with respect to the student's logits. */
async function objective(list: readonly LossOptions[], s: Tensor = student, t: Tensor = teacher, y: Tensor = target) {
  const made = standIn({ student: { logits: s.shape }, teacher: { logits: t.shape }, target: y.shape });
  const { signals } = made;
  const logits = signals.student.get('logits')!;
  const extras = (of: string) => ({
    ...signals.extras,
    scalar: (name: string, at: (p: Progress) => number) => signals.extras.scalar(`${of}.${name}`, at),
  });
  const { total, terms } = combine({ ...signals, extras }, { losses: list });
  expect(total.shape).toEqual([]);
  const [slope] = grad(total, [logits]);
  const values = Object.fromEntries([...terms].map(([name, { value }]) => [name, value]));
  const feeds = made.feeds(1, { 'student.logits': numbers(s), 'teacher.logits': numbers(t), target: numbers(y) });
  const found = await evaluate({ total, slope: slope!, ...values }, feeds);
  return {
    total: numbers(found.total!)[0]!,
    terms: Object.fromEntries([...terms.keys()].map((name) => [name, numbers(found[name]!)[0]!])),
    slope: numbers(found.slope!),
  };
}

const rows = (t: Tensor, keep: readonly number[]): Tensor => {
  const k = t.shape[1]!;
  return tensor(
    'float32',
    [keep.length, k],
    keep.flatMap((i) => numbers(t).slice(i * k, (i + 1) * k)),
  );
};

describe('combine', () => {
  test('is the weighted sum of unweighted terms', async () => {
    const { total, terms } = await objective(
      losses({ kind: 'kd', weight: 0.9 }, { kind: 'labels', weight: 0.1 }, { kind: 'logit-mse', weight: 0 }),
    );
    expect(Object.keys(terms)).toEqual(['kd', 'labels', 'logit-mse']);
    expect(total).toBeCloseTo(0.9 * terms.kd! + 0.1 * terms.labels!, 6);
  });

  test('examples without a label count as if they were not there', async () => {
    const smoothed = losses({ kind: 'labels', smoothing: 0.1 });
    const masked = await objective(smoothed);
    const filtered = await objective(smoothed, rows(student, [0, 2]), rows(teacher, [0, 2]), rows(target, [0, 2]));
    expect(masked.total).toBeCloseTo(filtered.total, 6);
    const of = (i: number): number[] => masked.slope.slice(3 * i, 3 * i + 3);
    expect([...of(0), ...of(2)]).toEqual(filtered.slope.map((g) => expect.closeTo(g, 6)));
    expect([...of(1), ...of(3)].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('a batch without any label gives zero, with a gradient of zero', async () => {
    const { total, slope } = await objective(
      losses({ kind: 'labels' }),
      student,
      teacher,
      tensor('float32', [4, 3], Array(12).fill(0)),
    );
    expect(Math.abs(total)).toBe(0);
    expect(slope.every((g) => Math.abs(g) === 0)).toBe(true);
  });

  test('two rules of one kind for the weights of examples do not share what they make', async () => {
    const half = (share: number) => ({
      by: 'curriculum' as const,
      share: { schedule: 'step' as const, from: share, to: share, at: 0.5 },
    });
    const one = await objective(losses({ kind: 'labels', examples: [half(0.4)] }));
    const other = await objective(losses({ kind: 'labels', examples: [half(1)] }));
    const both = await objective(losses({ kind: 'labels', examples: [half(1), half(0.4)] }));
    // Examples without a label are not the easy ones: the easier of the two labelled ones counts.
    expect(one.total).toBeGreaterThan(0.01);
    expect(both.total).toBeCloseTo(one.total, 6);
    expect(Math.abs(one.total - other.total)).toBeGreaterThan(1e-3);
  });

  test('terms of one kind get numbers', () => {
    expect(termNames(losses({ kind: 'kd' }, { kind: 'labels' }, { kind: 'kd', temperature: 1 }))).toEqual([
      'kd',
      'labels',
      'kd.2',
    ]);
  });
});

describe('the shorthand', () => {
  const expand = (s: z.input<typeof shorthandSchema>) => fromShorthand(shorthandSchema.parse(s));

  test('convex puts α on the teacher and 1 − α on the labels', () => {
    expect(expand({})).toMatchObject([
      { kind: 'kd', weight: 0.9, temperature: 4, direction: 'forward' },
      { kind: 'labels', weight: expect.closeTo(0.1, 12), smoothing: 0 },
    ]);
  });

  test('literal leaves the teacher at full weight', () => {
    expect(expand({ form: 'literal', alpha: 0.7, temperature: 3 })).toMatchObject([
      { kind: 'kd', weight: 1, temperature: 3 },
      { kind: 'labels', weight: expect.closeTo(0.3, 12) },
    ]);
  });

  test('a side of weight zero is left out', () => {
    expect(expand({ alpha: 1 }).map(({ kind }) => kind)).toEqual(['kd']);
    expect(expand({ alpha: 0 }).map(({ kind }) => kind)).toEqual(['labels']);
  });
});

describe('options', () => {
  test('unknown keys and impossible numbers are errors with a path', () => {
    const { error } = lossSchema.array().safeParse([
      { kind: 'kd', temprature: 3 },
      { kind: 'labels', smoothing: 2 },
    ]);
    expect(error!.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      '0: Unrecognized key: "temprature"',
      '1.smoothing: Too big: expected number to be <=1',
    ]);
  });

  test('kd goes either way, with the square of its temperature', async () => {
    const soft = (t: Tensor): number[] => {
      const e = numbers(t).map((z) => Math.exp(z / 2));
      return e.map((v, i) => v / e.slice(i - (i % 3), i - (i % 3) + 3).reduce((a, b) => a + b));
    };
    const kl = (p: number[], q: number[]): number => p.reduce((s, v, i) => s + v * Math.log(v / q[i]!), 0) / 4;
    const both = losses({ kind: 'kd', temperature: 2 }, { kind: 'kd', temperature: 2, direction: 'reverse' });
    const { terms } = await objective(both);
    expect(terms.kd).toBeCloseTo(4 * kl(soft(teacher), soft(student)), 5);
    expect(terms['kd.2']).toBeCloseTo(4 * kl(soft(student), soft(teacher)), 5);
  });

  test('regression compares with the targets, regression-kd with the teacher', async () => {
    const { terms } = await objective(
      losses({ kind: 'regression', form: 'mae' }, { kind: 'regression-kd', form: 'huber', delta: 0.5 }),
    );
    const gaps = (b: Tensor): number[] => numbers(student).map((v, i) => Math.abs(v - numbers(b)[i]!));
    const average = (list: readonly number[]): number => list.reduce((a, b) => a + b) / list.length;
    expect(terms.regression).toBeCloseTo(average(gaps(target)), 5);
    expect(terms['regression-kd']).toBeCloseTo(average(gaps(teacher).map((e) => (e < 0.5 ? e * e * 0.5 : 0.5 * (e - 0.25)))), 5);
  });
});
