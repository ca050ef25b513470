import type { Value } from '../../graph/graph.ts';
import { abs, mul, sub } from '../../ops/elementwise.ts';
import { softmax } from '../../ops/softmax.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';
import { scaled, type Temperature, timesSquare } from './soft-targets.ts';

/**
 * T²·½·Σ|softmax(zˢ/T) − softmax(zᵗ/T)|: the largest difference in probability that the two give any set of classes (used for
 * distillation by Wen et al. 2023, arXiv 2307.15190). Its slope does not vanish near agreement; equal entries have none.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K]; −∞ rules a class out.
 * @returns [B], 0 to T².
 */
export function totalVariation(student: Value, teacher: Value, temperature: Temperature): Value {
  requireSameShape('tvd: logits of the student and of the teacher', student, teacher);
  const gap = sub(softmax(scaled(student, temperature)), softmax(scaled(teacher, temperature)));
  return timesSquare(mul(sumPerExample(abs(gap)), 0.5), temperature);
}
