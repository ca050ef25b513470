import type { Value } from '../../graph/graph.ts';
import { add, div, exp, mul, neg, stopGradient, sub } from '../../ops/elementwise.ts';
import { crossEntropy } from '../cross-entropy.ts';
import { softTargets, type Temperature } from './soft-targets.ts';

/**
 * (1 − exp(−CEˢ/CEᵗ))·T²·KL(softmax(zᵗ/T) ‖ softmax(zˢ/T)): weighted soft labels (Zhou et al. 2021, arXiv 2102.00650, eq. 9–10); CE is
 * the cross-entropy with the labels at T = 1. An example that the student has already learnt better than the teacher counts little.
 * No gradient flows through the factor. The official code has a cross-entropy in place of the KL: other values, the same gradient.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K].
 * @param target Class probabilities [B, K].
 * @returns [B].
 */
export function weightedSoftLabels(student: Value, teacher: Value, target: Value, temperature: Temperature): Value {
  // The small number is the official code's; CEᵗ may be zero.
  const ratio = div(crossEntropy(student, target), add(crossEntropy(teacher, target), 1e-7));
  return mul(stopGradient(sub(1, exp(neg(ratio)))), softTargets(student, teacher, temperature));
}
