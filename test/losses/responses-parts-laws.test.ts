import { describe, expect, test } from 'vitest';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { meanOfTeachers, towardsMean } from '../../src/losses/responses/ensemble.ts';
import { mapClasses } from '../../src/losses/responses/map-classes.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { topTargets } from '../../src/losses/responses/top-k.ts';
import { universalLogits } from '../../src/losses/responses/uld.ts';
import { softmax } from '../../src/ops/softmax.ts';
import { B, difference, drawn, given, K, type Loss, logits, matrix, measure, valuesOf } from '../support/measure.ts';

const groups = [[4], [0, 2], [1]];

test('uld does not see which class is which, nor classes without probability', async () => {
  const loss: Loss = (s, t) => universalLogits(s, t, 1);
  const [s, t] = [drawn(1), drawn(2)];
  const plain = await valuesOf(loss, matrix(s), matrix(t));
  const turned = await valuesOf(loss, matrix(s.map((row) => [...row].reverse())), matrix(t.map((row) => [-90, ...row, -90])));
  expect(difference(plain, turned)).toBeLessThan(1e-5);
});

describe('class maps', () => {
  const probabilities = (rest: 'drop' | 'together') =>
    valuesOf((z) => softmax(mapClasses(z, groups, rest)), logits(1), logits(1));

  test('add probabilities up', async () => {
    const p = await valuesOf((z) => softmax(z), logits(1), logits(1));
    const row = (i: number) => p.slice(i * K, (i + 1) * K);
    const sums = (i: number) => groups.map((group) => group.reduce((a, k) => a + row(i)[k]!, 0));
    const wanted = Array.from({ length: B }, (_, i) => [...sums(i), row(i)[3]! + row(i)[5]!]);
    expect(difference(await probabilities('together'), wanted.flat())).toBeLessThan(1e-6);
    const renormalised = wanted.map((all) => all.slice(0, 3).map((v) => v / (1 - all[3]!)));
    expect(difference(await probabilities('drop'), renormalised.flat())).toBeLessThan(1e-6);
  });

  test('one to one on all classes change nothing; groups only lose information', async () => {
    const through =
      (map: readonly number[][]): Loss =>
      (s, t) =>
        softTargets(mapClasses(s, map, 'together'), mapClasses(t, map, 'together'), 1);
    const plain = await valuesOf((s, t) => softTargets(s, t, 1), logits(1), logits(2));
    const same = await valuesOf(through([[2], [0], [1], [5], [4], [3]]), logits(1), logits(2));
    expect(difference(plain, same)).toBeLessThan(1e-5);
    const grouped = await valuesOf(through(groups), logits(1), logits(2));
    expect(grouped.every((v, i) => v <= plain[i]! + 1e-6)).toBe(true);
  });

  test('groups that make no sense are errors', () => {
    const z = new Graph().input('z', { dtype: 'float32', shape: [2, 4] });
    expect(() => mapClasses(z, [[0], [4]], 'drop')).toThrow('class map: class 4 in group 1; expected classes 0 to 3');
    expect(() => mapClasses(z, [[0], []], 'drop')).toThrow('class map: group 1 is empty');
    expect(() => mapClasses(z, [[0, 1], [1]], 'drop')).toThrow('class map: class 1 is named twice');
  });
});

describe('top-k', () => {
  const at =
    (k: number, tail: 'together' | 'uniform' | 'zero' | 'drop'): Loss =>
    (s, t) =>
      topTargets(s, t, { k, tail, temperature: 2 });

  test.each(['together', 'uniform', 'zero', 'drop'] as const)('%s: all classes are the dense KL', async (tail) => {
    const dense = await measure((s, t) => softTargets(s, t, 2), logits(1), logits(2));
    const top = await measure(at(K, tail), logits(1), logits(2));
    expect(difference(dense.values, top.values)).toBeLessThan(1e-5);
    expect(difference(dense.slope, top.slope)).toBeLessThan(1e-5);
  });

  test('with one class left over, together and uniform are the dense KL; together grows with k', async () => {
    const dense = await valuesOf((s, t) => softTargets(s, t, 2), logits(1), logits(2));
    for (const tail of ['together', 'uniform'] as const) {
      expect(difference(dense, await valuesOf(at(K - 1, tail), logits(1), logits(2)))).toBeLessThan(1e-4);
    }
    const growing = await Promise.all([1, 2, 3, 4, 5].map((k) => valuesOf(at(k, 'together'), logits(1), logits(2))));
    for (const [i, less] of growing.slice(0, -1).entries())
      expect(less.every((v, b) => v <= growing[i + 1]![b]! + 1e-5)).toBe(true);
  });
});

describe('several teachers', () => {
  const towards =
    (mean: 'probabilities' | 'logits', logWeights: (like: Value) => Value, ...list: Tensor[]): Loss =>
    (s) =>
      towardsMean.forward(
        s,
        meanOfTeachers(
          list.map((t) => given(s, t)),
          logWeights(s),
          mean,
          2,
        ),
        2,
      );

  test.each(['probabilities', 'logits'] as const)('%s: equal teachers are one teacher, with any weights', async (mean) => {
    const kd = await measure((s, t) => softTargets(s, t, 2), logits(1), logits(2));
    const shares = (like: Value) => given(like, tensor('float32', [1, 3], [0.2, 0.5, 0.3].map(Math.log)));
    const three = await measure(towards(mean, shares, logits(2), logits(2), logits(2)), logits(1), logits(1));
    expect(difference(kd.values, three.values)).toBeLessThan(1e-5);
    expect(difference(kd.slope, three.slope)).toBeLessThan(1e-5);
  });

  test('a teacher without weight is not heard', async () => {
    const none = (like: Value) => given(like, tensor('float32', [1, 2], [0, -1e30]));
    for (const mean of ['probabilities', 'logits'] as const) {
      const both = await valuesOf(towards(mean, none, logits(2), logits(3)), logits(1), logits(1));
      expect(difference(both, await valuesOf((s, t) => softTargets(s, t, 2), logits(1), logits(2)))).toBeLessThan(1e-5);
    }
  });
});
