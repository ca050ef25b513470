import type { Value } from '../graph/graph.ts';
import { add, div, mul, sqrt, sub } from '../ops/elementwise.ts';
import { requireSameShape, sumPerExample } from './per-example.ts';

/**
 * 1 − cos of the angle between two examples taken as vectors. A zero vector is at distance 1 from everything.
 *
 * @param a [B, …].
 * @param b Same shape.
 * @returns [B], 0 to 2.
 */
export function cosineDistance(a: Value, b: Value): Value {
  requireSameShape('cosine distance', a, b);
  // The small number is PyTorch's; it keeps the gradient finite at zero.
  const squared = (x: Value): Value => add(sumPerExample(mul(x, x)), 1e-12);
  return sub(1, div(sumPerExample(mul(a, b)), sqrt(mul(squared(a), squared(b)))));
}
