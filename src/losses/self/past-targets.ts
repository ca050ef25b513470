import type { Value } from '../../graph/graph.ts';
import { add, mul, stopGradient, sub } from '../../ops/elementwise.ts';
import { crossEntropy } from '../cross-entropy.ts';
import { softTargets, type Temperature } from '../responses/soft-targets.ts';

/**
 * (1 − α)·CE(y, student) + α·T²·KL(past ‖ student): Kim et al. 2021 (arXiv 2006.12000) eq. 2, whose cross-entropy with the mixed
 * target (1 − α)·y + α·p differs from it at T = 1 by α·(entropy of p) alone, which has no gradient.
 *
 * @param student Logits [B, K].
 * @param past Logits of an earlier self [B, K]; no gradient flows into them.
 * @param target Class probabilities [B, K]; a row of zeros means no label: the past alone then teaches.
 * @param alpha Rank 0, 0 … 1.
 * @returns [B], in nats.
 */
export function pastTargets(student: Value, past: Value, target: Value, alpha: Value, temperature: Temperature = 1): Value {
  const hard = mul(crossEntropy(student, target), sub(1, alpha));
  return add(hard, mul(softTargets(student, stopGradient(past), temperature), alpha));
}
