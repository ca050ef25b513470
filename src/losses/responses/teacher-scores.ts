import type { Value } from '../../graph/graph.ts';
import { filled } from '../../ops/define.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { scatterElements, topK } from '../../ops/gather.ts';
import { concat, zeros } from '../../ops/movement.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { crossEntropy } from '../cross-entropy.ts';
import { meanOfTeachers } from './ensemble.ts';
import { labelled } from './labelled.ts';
import { divergence, floored } from './soft-targets.ts';

/** One number for each example from each teacher, [B] each, side by side: [B, M]. */
export const sideBySide = (columns: readonly Value[]): Value =>
  concat(
    columns.map((column) => unsqueeze(column, [1])),
    1,
  );

/** KL(pₘ ‖ mean of all p) of every teacher, from logits [B, K] each: [B, M], 0 to ln M; 0 where all agree. */
export function apartFromMean(teachers: readonly Value[]): Value {
  const even = filled(teachers[0]!.graph, { dtype: teachers[0]!.dtype, shape: [1, teachers.length] }, -Math.log(teachers.length));
  const logMean = meanOfTeachers(teachers, even, 'probabilities', 1);
  return sideBySide(teachers.map((z) => divergence(floored(logSoftmax(z)), logMean)));
}

/**
 * How bad every teacher is for every example, [B, M]: its cross-entropy with the label, or, where there is none, its distance from the
 * mean of all.
 *
 * @param teachers Logits of each, [B, K].
 * @param target Class probabilities [B, K].
 */
export function badness(teachers: readonly Value[], target: Value): Value {
  const known = unsqueeze(labelled(target), [1]);
  const wrong = sideBySide(teachers.map((z) => crossEntropy(z, target)));
  return add(mul(wrong, known), mul(apartFromMean(teachers), sub(1, known)));
}

/**
 * Weights without the worst teachers of each example, summing to 1 again.
 *
 * @param logWeights [B, M] or [1, M].
 * @param bad [B, M].
 * @param count How many to drop, fewer than M.
 * @returns log weights [B, M].
 */
export function withoutWorst(logWeights: Value, bad: Value, count: number): Value {
  const { indices } = topK(bad, count);
  const out = filled(bad.graph, { dtype: bad.dtype, shape: indices.shape }, -1e30);
  return logSoftmax(add(logWeights, scatterElements(zeros(bad.graph, bad.type), indices, out, 1)));
}
