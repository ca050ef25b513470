import type { Value } from '../../graph/graph.ts';
import { add, div, mul, sqrt } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';

/**
 * x / ‖x‖₂ over the given axes; zero where x is.
 *
 * @param tiny Stands under the root beside ‖x‖². It bounds the gradient at zero by 1/√tiny.
 */
export const unit = (x: Value, axes: readonly number[], tiny = 1e-12): Value =>
  div(x, sqrt(add(reduceSum(mul(x, x), axes), tiny)));
