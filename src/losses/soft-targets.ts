import type { Value } from '../graph/graph.ts';
import { exp, max, mul, sub } from '../ops/elementwise.ts';
import { logSoftmax } from '../ops/softmax.ts';
import { requireSameShape, sumPerExample } from './per-example.ts';

/** log softmax(z / T) over the last axis. */
export const softened = (logits: Value, temperature: number): Value =>
  logSoftmax(temperature === 1 ? logits : mul(logits, 1 / temperature), -1);

/**
 * T²·KL(softmax(zᵗ/T) ‖ softmax(zˢ/T)): Hinton et al. 2015 (arXiv 1503.02531) §2. The T² keeps the size of the gradient about the
 * same for all temperatures; for large T it tends to (zˢ − zᵗ)/K where both have mean zero.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K]; −∞ rules a class out.
 * @param temperature T > 0.
 * @returns [B], in nats.
 */
export function softTargets(student: Value, teacher: Value, temperature: number): Value {
  requireSameShape('soft targets: logits of the student and of the teacher', student, teacher);
  const logQ = softened(teacher, temperature);
  const q = exp(logQ);
  // The limit makes q·log q zero where q is.
  const gap = sub(softened(student, temperature), max(logQ, lowest));
  return mul(sumPerExample(mul(gap, q)), -temperature * temperature);
}
const lowest = -1e30;

/**
 * T²·KL(softmax(zˢ/T) ‖ softmax(zᵗ/T)): the student is drawn to where the teacher has mass at all, rather than to all of its mass.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K], finite.
 * @param temperature T > 0.
 * @returns [B], in nats.
 */
export function reverseSoftTargets(student: Value, teacher: Value, temperature: number): Value {
  requireSameShape('soft targets: logits of the student and of the teacher', student, teacher);
  const logP = softened(student, temperature);
  const gap = sub(logP, softened(teacher, temperature));
  return mul(sumPerExample(mul(gap, exp(logP))), temperature * temperature);
}

/**
 * Entropy of softmax(z / T).
 *
 * @param logits [B, K].
 * @returns [B], in nats.
 */
export function entropy(logits: Value, temperature = 1): Value {
  const logP = softened(logits, temperature);
  return mul(sumPerExample(mul(exp(logP), logP)), -1);
}
