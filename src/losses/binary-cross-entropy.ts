import type { Value } from '../graph/graph.ts';
import { softplus } from '../ops/activations.ts';
import { mul, sub } from '../ops/elementwise.ts';
import { meanPerExample, requireSameShape } from './per-example.ts';

/**
 * Mean over the outputs of −t·log σ(z) − (1 − t)·log σ(−z), from logits.
 *
 * @param logits [B, …].
 * @param target Probabilities, same shape.
 * @returns [B], in nats.
 */
export const binaryCrossEntropy = (logits: Value, target: Value): Value => {
  requireSameShape('binary cross-entropy: logits and target', logits, target);
  return meanPerExample(sub(softplus(logits), mul(target, logits)));
};
