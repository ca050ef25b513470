import type { Value } from '../../graph/graph.ts';
import { add, div, max, mul, sub } from '../../ops/elementwise.ts';
import { gatherNd } from '../../ops/gather.ts';
import { matmul } from '../../ops/linalg.ts';
import { concat, cumSum } from '../../ops/movement.ts';
import { reduceMax, reduceSum } from '../../ops/reduce.ts';
import { reshape, unsqueeze } from '../../ops/shape.ts';

/** A mask [N, L] as one row per text: [N, 1, L]. */
const asRows = (mask: Value): Value => reshape(mask, [mask.shape[0]!, 1, mask.shape[1]!]);

/** Means over the tokens, [N, L, D] to [N, D]; a text without any gives zeros. @param mask 1 for tokens, 0 for padding: [N, L]. */
export function maskedMean(x: Value, mask: Value): Value {
  const sums = reshape(matmul(asRows(mask), x), [x.shape[0]!, x.shape[2]!]);
  return div(sums, max(reduceSum(mask, [1]), 1));
}

/** Far below whatever a layer gives, and near enough that nothing overflows. */
const lowest = 1e4;

/** Largest numbers over the tokens, [N, D, L] to [N, D]. @param mask 1 for tokens, 0 for padding: [N, L]. */
export const maskedMax = (x: Value, mask: Value): Value => reduceMax(add(x, mul(sub(asRows(mask), 1), lowest)), [2], false);

/**
 * What is at some places of each text: [N, L, D] to [N, M, D].
 *
 * @param places From 0 on, int64 [N, M]; the same place may come more than once.
 */
export function atPlaces(x: Value, places: Value): Value {
  // Which example of the batch: counted while the graph runs, since the batch may have any size.
  const example = cumSum(add(mul(places, 0), 1), 0, { exclusive: true });
  return gatherNd(x, concat([unsqueeze(example, [2]), unsqueeze(places, [2])], 2));
}
