import type { Value } from '../../graph/graph.ts';
import { add, div, mul, sqrt, sub } from '../../ops/elementwise.ts';
import { reduceMean, reduceSum } from '../../ops/reduce.ts';
import { softTargets, type Temperature } from './soft-targets.ts';

/**
 * (z − mean)/√(variance + 1e-6) over classes, with the unbiased variance: logit standardisation (Sun et al. 2024, arXiv 2403.01427,
 * alg. 1). The small number stands under the root, so that equal logits give zeros with a gradient of at most 1000; the official
 * code adds 1e-7 to the root.
 *
 * @param logits [B, K], K at least 2.
 * @returns [B, K].
 */
export function standardised(logits: Value): Value {
  const centred = sub(logits, reduceMean(logits, [-1]));
  const variance = mul(reduceSum(mul(centred, centred), [-1]), 1 / ((logits.shape.at(-1) as number) - 1));
  return div(centred, sqrt(add(variance, 1e-6)));
}

/**
 * T²·KL(softmax(Z(zᵗ)/T) ‖ softmax(Z(zˢ)/T)) with Z of `standardised`: neither shift nor scale of the logits matters, only their
 * relations.
 *
 * @returns [B], in nats.
 */
export const standardisedTargets = (student: Value, teacher: Value, temperature: Temperature): Value =>
  softTargets(standardised(student), standardised(teacher), temperature);
