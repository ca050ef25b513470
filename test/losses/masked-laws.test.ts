import { expect, test } from 'vitest';
import type { Value } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { sparseCrossEntropy } from '../../src/losses/cross-entropy.ts';
import { cosineOfStates } from '../../src/losses/responses/cosine-states.ts';
import { maskedCrossEntropy, maskedSoftTargets } from '../../src/losses/responses/masked.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { reshape } from '../../src/ops/shape.ts';
import { difference, drawn, given, largest, matrix, measure } from '../support/measure.ts';

const [B, M, V] = [3, 4, 5];
const logits = (seed: number) => ({ ...matrix(drawn(seed, B * M, V)), shape: [B, M, V] });
const answers = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1];
const valid = [1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0];
const places = (like: Value): readonly [Value, Value] => [
  given(like, tensor('int64', [B, M], answers)),
  given(like, tensor('float32', [B, M], valid)),
];

/** Means over the places that count of what a loss says of each place alone. */
const means = (each: readonly number[]): number[] =>
  Array.from({ length: B }, (_, b) => {
    const counted = each.filter((_, i) => Math.floor(i / M) === b && valid[i] === 1);
    return counted.reduce((x, y) => x + y, 0) / Math.max(1, counted.length);
  });

test('masked cross-entropy is the mean of the cross-entropies at the hidden tokens, and padding has no gradient', async () => {
  const found = await measure((s) => maskedCrossEntropy(s, ...places(s)), logits(1), logits(2));
  const rows = matrix(drawn(1, B * M, V));
  const each = await measure((s) => sparseCrossEntropy(s, given(s, tensor('int64', [B * M], answers))), rows, rows);
  expect(difference(found.values, means(each.values))).toBeLessThan(1e-6);
  expect(found.slope.filter((_, i) => valid[Math.floor(i / V)] === 0).every((g) => g === 0)).toBe(true);
  expect(largest(found.slope)).toBeGreaterThan(0.01);
});

test('masked soft targets are the mean of the soft targets at the hidden tokens', async () => {
  const found = await measure((s, t) => maskedSoftTargets(s, t, places(s)[1], 2), logits(1), logits(2));
  const [a, b] = [matrix(drawn(1, B * M, V)), matrix(drawn(2, B * M, V))];
  const each = await measure((s, t) => softTargets(s, t, 2), a, b);
  expect(difference(found.values, means(each.values))).toBeLessThan(1e-6);
  const same = await measure((s, t) => maskedSoftTargets(s, t, places(s)[1], 2), logits(1), logits(1));
  expect(largest([...same.values, ...same.slope])).toBeLessThan(1e-6);
});

test('the cosine of hidden states leaves padding out', async () => {
  const states = (seed: number) => logits(seed);
  const masked = await measure((s, t) => cosineOfStates(s, t, places(s)[1]), states(1), states(2));
  const rows = (x: Value): Value => reshape(x, [B * M, V]);
  const each = await measure((s, t) => cosineOfStates(rows(s), rows(t)), states(1), states(2));
  expect(difference(masked.values, means(each.values))).toBeLessThan(1e-6);
});
