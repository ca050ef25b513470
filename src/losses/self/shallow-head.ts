import type { Value } from '../../graph/graph.ts';
import { add, mul, stopGradient, sub } from '../../ops/elementwise.ts';
import { crossEntropy } from '../cross-entropy.ts';
import { sumPerExample } from '../per-example.ts';
import { softTargets, type Temperature } from '../responses/soft-targets.ts';

/** One classifier of a network: its logits [B, K] and the features [B, D] before them. */
export interface Head {
  readonly logits: Value;
  readonly features: Value;
}

export interface ShallowHeadOptions {
  /** α: share of the deepest head's word against the labels. */
  readonly alpha: number;
  readonly temperature: Temperature;
  /** λ: factor of the squared distance of the features. */
  readonly lambda: number;
}

/**
 * (1 − α)·CE(y, head) + α·T²·KL(deepest ‖ head) + λ·‖features − deepest features‖²: Zhang et al. 2019 (arXiv 1905.08094) eq. 4–7.
 *
 * @param deepest No gradient flows into it.
 * @param target Class probabilities [B, K].
 * @returns [B].
 */
export function shallowHead(head: Head, deepest: Head, target: Value, { alpha, temperature, lambda }: ShallowHeadOptions): Value {
  const gap = sub(head.features, stopGradient(deepest.features));
  const soft = mul(softTargets(head.logits, stopGradient(deepest.logits), temperature), alpha);
  const hard = mul(crossEntropy(head.logits, target), 1 - alpha);
  return add(add(hard, soft), mul(sumPerExample(mul(gap, gap)), lambda));
}
