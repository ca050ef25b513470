import type { Value } from '../../graph/graph.ts';
import { relu } from '../../ops/activations.ts';
import { above, add, div, max, min, mul, neg, sub } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';

/** Axes of a channel's numbers: all but the second of a map, all but the last otherwise. */
const others = ({ rank }: Value): readonly number[] => (rank > 3 ? [0, 2, 3] : Array.from({ length: rank - 1 }, (_, i) => i));

/**
 * Mean of the negative numbers of each channel over the batch, zero for a channel without any: the margin of the overhaul of
 * feature distillation, Heo et al. 2019 (arXiv 1904.01866) eq. 5, which takes it from the statistics of batch normalisation.
 *
 * @param teacher Values before the activation: [B, C, H, W], or channels last.
 * @returns Broadcasts with `teacher`.
 */
export function negativeMeans(teacher: Value): Value {
  const axes = others(teacher);
  const negative = min(teacher, 0);
  return div(reduceSum(negative, axes), max(reduceSum(above(neg(teacher)), axes), 1));
}

/**
 * Squared distance to max(t, margin), which forgives the student where both are below zero and it is lower: partial L2 after a
 * margin ReLU, ibid. eq. 4. Sum over elements.
 *
 * @param student Values before the activation, [B, …].
 * @param teacher Same shape.
 * @param margin At most zero; broadcasts.
 * @returns [B].
 */
export function partialDistance(student: Value, teacher: Value, margin: Value): Value {
  requireSameShape('partial distance: features of the student and of the teacher', student, teacher);
  const goal = max(teacher, margin);
  // Above the goal both count; below it only where the goal is positive.
  const [over, under] = [relu(sub(student, goal)), mul(relu(sub(goal, student)), above(goal))];
  return add(sumPerExample(mul(over, over)), sumPerExample(mul(under, under)));
}
