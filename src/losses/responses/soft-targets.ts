import type { Value } from '../../graph/graph.ts';
import type { Operand } from '../../ops/define.ts';
import { div, exp, max, mul, neg, sub } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';

/** T > 0: one number, a value of rank 0, or one for each example, [B, 1]. */
export type Temperature = Operand;

/** z / T. */
export function scaled(logits: Value, temperature: Temperature): Value {
  if (typeof temperature !== 'number') return div(logits, temperature);
  return temperature === 1 ? logits : mul(logits, 1 / temperature);
}

/** log softmax(z / T) over the last axis. */
export const softened = (logits: Value, temperature: Temperature): Value => logSoftmax(scaled(logits, temperature), -1);

/** Logarithms of probabilities with −∞ made a number, so that a class ruled out adds 0·number = 0 to a divergence. */
export const floored = (logP: Value): Value => max(logP, lowest);
const lowest = -1e30;

/**
 * KL(P ‖ Q) = Σ P·(log P − log Q) over the last axis, from logarithms of probabilities that are numbers.
 *
 * @param logP [B, K].
 * @param logQ Same shape.
 * @returns [B], in nats.
 */
export const divergence = (logP: Value, logQ: Value): Value => sumPerExample(mul(sub(logP, logQ), exp(logP)));

/** T²·values, [B]: it keeps the size of the gradient about the same for all temperatures. */
export function timesSquare(values: Value, temperature: Temperature): Value {
  if (typeof temperature === 'number') return temperature === 1 ? values : mul(values, temperature * temperature);
  const t = temperature.rank === 0 ? temperature : reshape(temperature, [temperature.shape[0]!]);
  return mul(values, mul(t, t));
}

/**
 * T²·KL(softmax(zᵗ/T) ‖ softmax(zˢ/T)): Hinton et al. 2015 (arXiv 1503.02531) §2. The T² keeps the size of the gradient about the
 * same for all temperatures; for large T it tends to (zˢ − zᵗ)/K where both have mean zero.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K]; −∞ rules a class out.
 * @param temperature T > 0.
 * @returns [B], in nats.
 */
export function softTargets(student: Value, teacher: Value, temperature: Temperature): Value {
  requireSameShape('soft targets: logits of the student and of the teacher', student, teacher);
  const logQ = softened(teacher, temperature);
  const q = exp(logQ);
  const gap = sub(softened(student, temperature), floored(logQ));
  return timesSquare(neg(sumPerExample(mul(gap, q))), temperature);
}

/**
 * T²·KL(softmax(zˢ/T) ‖ softmax(zᵗ/T)): the student is drawn to where the teacher has mass at all, rather than to all of its mass.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K], finite.
 * @param temperature T > 0.
 * @returns [B], in nats.
 */
export function reverseSoftTargets(student: Value, teacher: Value, temperature: Temperature): Value {
  requireSameShape('soft targets: logits of the student and of the teacher', student, teacher);
  return timesSquare(divergence(softened(student, temperature), softened(teacher, temperature)), temperature);
}

/**
 * Entropy of softmax(z / T).
 *
 * @param logits [B, K].
 * @returns [B], in nats.
 */
export function entropy(logits: Value, temperature: Temperature = 1): Value {
  const logP = softened(logits, temperature);
  return mul(sumPerExample(mul(exp(logP), logP)), -1);
}
