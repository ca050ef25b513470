import type { Value } from '../../graph/graph.ts';
import { add, div, max, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { reduceMax, reduceSum } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';

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
