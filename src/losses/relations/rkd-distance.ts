import type { Value } from '../../graph/graph.ts';
import { div, max, mul } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { huber } from '../regression.ts';
import { pairDistances } from './pairwise.ts';

/** Distances of all pairs over their mean, [B, B]; all 0 where all rows are equal. */
function normalised(x: Value): Value {
  const distances = pairDistances(x);
  const n = x.shape[0] as number;
  // The mean over pairs of two examples, the diagonal left out; the tiny number stands for it where all distances are 0.
  return div(distances, max(mul(mean(distances), n / Math.max(1, n - 1)), 1e-12));
}

/**
 * Distance-wise relations, Park et al. 2019 (arXiv 1904.05068) eq. 4–6: the Huber loss (δ = 1) between the distances of all pairs of
 * rows, each side divided by its mean distance. Scaling, shifting and rotating a side changes nothing. As in the official code the
 * mean runs over all B² entries, the zeros of the diagonal included.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @returns [B], means over the other rows; the loss of the batch is their mean, and 0 for a batch of one.
 */
export const rkdDistance = (student: Value, teacher: Value): Value => huber(normalised(student), normalised(teacher));
