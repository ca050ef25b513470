import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/graph/type.ts';
import { classBalance, confidencePenalty } from '../../src/losses/responses/confidence.ts';
import { dist } from '../../src/losses/responses/dist.ts';
import { decoupled } from '../../src/losses/responses/dkd.ts';
import { meanOfTeachers, towardsMean } from '../../src/losses/responses/ensemble.ts';
import { jensenShannon } from '../../src/losses/responses/jsd.ts';
import { mapClasses } from '../../src/losses/responses/map-classes.ts';
import { multiLevel } from '../../src/losses/responses/mlkd.ts';
import { skewKl } from '../../src/losses/responses/skew-kl.ts';
import { entropy, reverseSoftTargets, softTargets } from '../../src/losses/responses/soft-targets.ts';
import { standardisedTargets } from '../../src/losses/responses/standardised.ts';
import { teacherFree } from '../../src/losses/responses/tf-kd.ts';
import { topTargets } from '../../src/losses/responses/top-k.ts';
import { totalVariation } from '../../src/losses/responses/total-variation.ts';
import { universalLogits } from '../../src/losses/responses/uld.ts';
import { weightedSoftLabels } from '../../src/losses/responses/wsld.ts';
import { mul } from '../../src/ops/elementwise.ts';
import {
  difference,
  even,
  given,
  hot,
  type Loss,
  largest,
  logits,
  mapped,
  matrix,
  measure,
  ordered,
  valuesOf,
} from '../support/measure.ts';

const labels = hot([0, 3, 5, 1, 3]);
const groups = [[4], [0, 2], [1]];
const divergences: readonly [string, Loss][] = [
  ['jsd', (s, t) => jensenShannon(s, t, 0.5, 2)],
  ['jsd, beta 0.1', (s, t) => jensenShannon(s, t, 0.1, 1)],
  ['skew-kl', (s, t) => skewKl(s, t, { alpha: 0.1, direction: 'forward', temperature: 1 })],
  ['skew-kl, reverse', (s, t) => skewKl(s, t, { alpha: 0.1, direction: 'reverse', temperature: 2 })],
  ['tvd', (s, t) => totalVariation(s, t, 1)],
  ['dist', (s, t) => dist(s, t, { beta: 1, gamma: 1, temperature: 1 })],
  ['kd-standardised', (s, t) => standardisedTargets(s, t, 2)],
  ['mapped-kd', (s, t) => softTargets(mapClasses(s, groups, 'together'), mapClasses(t, groups, 'together'), 2)],
  ['top-k', (s, t) => topTargets(s, t, { k: 2, tail: 'together', temperature: 2 })],
  ['top-k, drop', (s, t) => topTargets(s, t, { k: 3, tail: 'drop', temperature: 1 })],
  ['uld', (s, t) => universalLogits(s, t, 1)],
  ['mlkd', (s, t) => multiLevel(s, t, { temperatures: [1, 3], instance: 1, batch: 1, classes: 1 })],
  ['ensemble', (s, t) => towardsMean.reverse(s, meanOfTeachers([t, t], even(s, 2), 'logits', 2), 2)],
];
// They need labels for each example, in the order of the batch.
const withLabels: readonly [string, Loss][] = [
  ['dkd', (s, t) => decoupled(s, t, given(s, labels), { alpha: 1, beta: 8, temperature: 4 })],
  ['wsld', (s, t) => weightedSoftLabels(s, t, given(s, labels), 2)],
];

describe.each([...divergences, ...withLabels])('%s', (_, loss) => {
  test('is zero, with a gradient of zero, where student and teacher agree', async () => {
    const { values, slope } = await measure(loss, logits(1), logits(1));
    expect(largest(values)).toBeLessThan(1e-5);
    expect(largest(slope)).toBeLessThan(1e-5);
  });

  test('does not see a constant added to all logits of an example, and is positive elsewhere', async () => {
    const plain = await measure(loss, logits(1), logits(2));
    const moved = await measure(
      loss,
      mapped(logits(1), (v) => v + 5),
      mapped(logits(2), (v) => v - 3),
    );
    expect(Math.min(...plain.values)).toBeGreaterThan(1e-3);
    expect(difference(plain.values, moved.values)).toBeLessThan(1e-4 * largest(plain.values));
    expect(difference(plain.slope, moved.slope)).toBeLessThan(1e-4 * largest(plain.slope));
  });
});

test.each(divergences)('%s: the values follow the order of the batch', async (_, loss) => {
  const order = [3, 0, 4, 2, 1];
  const plain = await valuesOf(loss, logits(1), logits(2));
  const turned = await valuesOf(loss, ordered(logits(1), order), ordered(logits(2), order));
  expect(
    difference(
      turned,
      order.map((i) => plain[i]!),
    ),
  ).toBeLessThan(1e-4);
});

describe('jsd', () => {
  test('is symmetric for beta ½ and at most ln 2', async () => {
    const loss: Loss = (s, t) => jensenShannon(s, t, 0.5, 1);
    const [one, other] = [await valuesOf(loss, logits(1), logits(2)), await valuesOf(loss, logits(2), logits(1))];
    expect(difference(one, other)).toBeLessThan(1e-5);
    const far = [matrix([[40, -40, 0]]), matrix([[-40, 40, 0]])] as const;
    expect((await valuesOf(loss, ...far))[0]).toBeCloseTo(Math.log(2), 5);
  });

  test('over β tends to the forward KL, over 1 − β to the reverse; the ends are those', async () => {
    const at = (beta: number, scale: number) =>
      valuesOf((s, t) => mul(jensenShannon(s, t, beta, 1), scale), logits(1), logits(2));
    const forward = await valuesOf((s, t) => softTargets(s, t, 1), logits(1), logits(2));
    const reverse = await valuesOf((s, t) => reverseSoftTargets(s, t, 1), logits(1), logits(2));
    expect(difference(await at(1e-3, 1e3), forward)).toBeLessThan(0.05 * largest(forward));
    expect(difference(await at(1 - 1e-3, 1e3), reverse)).toBeLessThan(0.05 * largest(reverse));
    expect(await at(0, 1)).toEqual(forward);
    expect(await at(1, 1)).toEqual(reverse);
  });
});

test('skewed divergences are bounded by −log α and tend to KL for a small α', async () => {
  const at =
    (alpha: number): Loss =>
    (s, t) =>
      skewKl(s, t, { alpha, direction: 'forward', temperature: 1 });
  const [far] = await valuesOf(at(0.1), matrix([[40, -40]]), matrix([[-40, 40]]));
  expect(far).toBeCloseTo(-Math.log(0.1), 4);
  const plain = await valuesOf((s, t) => softTargets(s, t, 1), logits(1), logits(2));
  expect(difference(await valuesOf(at(1e-6), logits(1), logits(2)), plain)).toBeLessThan(1e-3);
});

describe('dkd', () => {
  test('with α = 1 and β = 1 − pᵗ of the target is the KL of soft targets', async () => {
    const [s, t] = [matrix([[1, -2, 0.5, 0]]), matrix([[0.25, 1, -1, 2]])];
    const e = [0.25, 1, -1, 2].map(Math.exp);
    const beta = 1 - e[1]! / e.reduce((a, b) => a + b);
    const apart: Loss = (a, b) => decoupled(a, b, given(a, hot([1], 4)), { alpha: 1, beta, temperature: 1 });
    const [one, other] = [await measure(apart, s, t), await measure((a, b) => softTargets(a, b, 1), s, t)];
    expect(difference(one.values, other.values)).toBeLessThan(1e-5);
    expect(difference(one.slope, other.slope)).toBeLessThan(1e-5);
  });

  test('stays finite where probabilities vanish', async () => {
    const loss: Loss = (s, t) => decoupled(s, t, given(s, hot([0], 3)), { alpha: 1, beta: 8, temperature: 1 });
    const { values, slope } = await measure(loss, matrix([[-200, 200, 0]]), matrix([[200, -200, 0]]));
    expect([...values, ...slope].every(Number.isFinite)).toBe(true);
  });
});

test('dist of a batch of one is the part between classes and a constant', async () => {
  const one = [matrix([[1, 2, 4]]), matrix([[0, 3, -1]])] as const;
  const at =
    (gamma: number): Loss =>
    (s, t) =>
      dist(s, t, { beta: 1, gamma, temperature: 1 });
  const [without, full] = [await measure(at(0), ...one), await measure(at(1), ...one)];
  expect(full.values[0]).toBeCloseTo(without.values[0]! + 1, 5);
  expect(difference(without.slope, full.slope)).toBe(0);
});

test('standardised targets do not see the scale of the logits', async () => {
  const loss: Loss = (s, t) => standardisedTargets(s, t, 2);
  const plain = await valuesOf(loss, logits(1), logits(2));
  const scaled = await valuesOf(
    loss,
    mapped(logits(1), (v) => 7 * v),
    mapped(logits(2), (v) => v / 3),
  );
  expect(difference(plain, scaled)).toBeLessThan(1e-4);
});

test('weighted soft labels lie between nothing and the KL, and vanish where the student knows the label', async () => {
  const kl = await valuesOf((s, t) => softTargets(s, t, 2), logits(1), logits(2));
  const weighted = await valuesOf((s, t) => weightedSoftLabels(s, t, given(s, labels), 2), logits(1), logits(2));
  expect(weighted.every((v, i) => v >= 0 && v <= kl[i]!)).toBe(true);
  const sure: Loss = (s, t) => weightedSoftLabels(s, t, given(s, hot([0], 2)), 2);
  expect(largest(await valuesOf(sure, matrix([[30, 0]]), matrix([[0, 0]])))).toBeLessThan(1e-5);
});

test('the made-up teacher is met by its own probabilities', async () => {
  const own = matrix([[0.91, 0.03, 0.03, 0.03].map(Math.log)]);
  const loss: Loss = (s, y) => teacherFree(s, y, { correct: 0.91, temperature: 5, form: 'paper' });
  const { values, slope } = await measure(loss, own, hot([0], 4));
  expect(largest([...values, ...slope])).toBeLessThan(1e-5);
});

test('the confidence penalty is −β times the entropy; class balance is between 0 and ln K', async () => {
  const h = await valuesOf((z) => entropy(z), logits(1), logits(1));
  const penalty = await valuesOf((z) => confidencePenalty(z, 0.3), logits(1), logits(1));
  expect(
    difference(
      penalty,
      h.map((v) => -0.3 * v),
    ),
  ).toBeLessThan(1e-6);
  const balance = (t: Tensor) => valuesOf((z) => classBalance(z), t, t);
  const [spread, one] = [
    matrix([
      [40, 0, 0],
      [0, 40, 0],
      [0, 0, 40],
    ]),
    matrix([
      [40, 0, 0],
      [40, 0, 0],
    ]),
  ];
  expect(largest(await balance(spread))).toBeLessThan(1e-6);
  expect(difference(await balance(one), [Math.log(3), Math.log(3)])).toBeLessThan(1e-5);
});
