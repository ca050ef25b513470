import type { Value } from '../../graph/graph.ts';
import { add } from '../../ops/elementwise.ts';
import { requireSameShape } from '../per-example.ts';
import { logSumOf } from './log-sum.ts';
import { divergence, floored, softened, type Temperature, timesSquare } from './soft-targets.ts';

export interface SkewOptions {
  /** Share of the first distribution in the second, above 0 and below 1. */
  readonly alpha: number;
  /** forward: KL(P ‖ αP + (1 − α)Q); reverse: KL(Q ‖ αQ + (1 − α)P). */
  readonly direction: 'forward' | 'reverse';
  readonly temperature: Temperature;
}

/**
 * Skewed divergences of DistiLLM (Ko et al. 2024, arXiv 2402.03898, §3.1), times T²: a share α of the first distribution is mixed
 * into the second, which bounds both the value (by −log α) and the gradient. P is the teacher, Q the student. The official code
 * leaves the entropy of the teacher out of the forward form: other values, the same gradient.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K].
 * @returns [B], in nats.
 */
export function skewKl(student: Value, teacher: Value, { alpha, direction, temperature }: SkewOptions): Value {
  requireSameShape('skew-kl: logits of the student and of the teacher', student, teacher);
  const logP = floored(softened(teacher, temperature));
  const logQ = softened(student, temperature);
  const [first, second] = { forward: [logP, logQ] as const, reverse: [logQ, logP] as const }[direction];
  const skewed = logSumOf([add(first, Math.log(alpha)), add(second, Math.log(1 - alpha))]);
  return timesSquare(divergence(first, skewed), temperature);
}
