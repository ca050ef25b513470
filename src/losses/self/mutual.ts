import type { Value } from '../../graph/graph.ts';
import { add, mul, stopGradient } from '../../ops/elementwise.ts';
import { crossEntropy } from '../cross-entropy.ts';
import { softTargets, type Temperature } from '../responses/soft-targets.ts';

/** Mean over the others of T²·KL(other ‖ own), [B]; no gradient flows into the others. */
export function divergenceFromOthers(own: Value, others: readonly Value[], temperature: Temperature): Value {
  const each = others.map((other) => softTargets(own, stopGradient(other), temperature));
  return mul(
    each.reduce((a, b) => add(a, b)),
    1 / others.length,
  );
}

/**
 * What each of several students learns beside the first one's labels: Zhang et al. 2018 (arXiv 1706.00384) §2.3, all updated in
 * one step.
 *
 * @param student Logits [B, K].
 * @param peers Logits of the others, at least one of them, [B, K] each.
 * @param target Class probabilities [B, K].
 * @returns `divergence` teaches the student; `peers`, the sum of the losses of the others with labels and divergence, teaches them
 * and nothing else. Both [B], in nats.
 */
export function mutual(student: Value, peers: readonly Value[], target: Value, temperature: Temperature = 1) {
  const all = [student, ...peers];
  const own = peers.map((peer) => {
    const others = all.filter((one) => one !== peer);
    return add(crossEntropy(peer, target), divergenceFromOthers(peer, others, temperature));
  });
  return { divergence: divergenceFromOthers(student, peers, temperature), peers: own.reduce((a, b) => add(a, b)) };
}
