import type { Value } from '../../graph/graph.ts';
import { sizeOf } from '../../graph/type.ts';
import { div, max, mul } from '../../ops/elementwise.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { cosineDistance } from '../cosine.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';

/**
 * 1 − cos of hidden states: DistilBERT's third loss (Sanh et al. 2019, arXiv 1910.01108, §3). States [B, L, D] are compared position
 * by position and averaged over positions; any other shape is one vector for each example.
 *
 * @param mask 1 for positions that count, [B, L]; all where it is absent.
 * @returns [B], 0 to 2.
 */
export function cosineOfStates(a: Value, b: Value, mask?: Value): Value {
  requireSameShape('cosine: states of the student and of the teacher', a, b);
  if (a.rank !== 3) return cosineDistance(a, b);
  const rows = (x: Value): Value => reshape(x, [sizeOf(x.shape.slice(0, 2)), x.shape[2]!]);
  const distances = reshape(cosineDistance(rows(a), rows(b)), a.shape.slice(0, 2));
  if (!mask) return reduceMean(distances, [1], false);
  return div(sumPerExample(mul(distances, mask)), max(sumPerExample(mask), 1));
}
