import type { Value } from '../../graph/graph.ts';
import { above, add, div, max, mul, sqrt, stopGradient, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { mean, reduceMean, reduceSum, sum } from '../../ops/reduce.ts';
import { reshape, swapLast } from '../../ops/shape.ts';

/** One row per example: [B, …] to [B, D]. */
export const rows = (x: Value): Value => reshape(x, [x.shape[0]!, -1]);

/** Inner products of all pairs of rows, [B, B]. */
export const gram = (x: Value): Value => matmul(x, swapLast(x));

interface Positive {
  /** At least the floor. */
  readonly safe: Value;
  /** 1 above the floor, 0 elsewhere; no gradient. */
  readonly is: Value;
}

/** Squares that are more than rounding; below the floor they count as 0 and no gradient passes, so that roots stay tame. */
function positive(squares: Value, floor: Value): Positive {
  const fixed = stopGradient(floor);
  return { safe: max(squares, fixed), is: above(sub(stopGradient(squares), fixed)) };
}

/** Rows of length 1, [B, D]. A row shorter than 1e-5 of the usual length becomes zeros, with no gradient. */
export function unitRows(x: Value): Value {
  const squares = reduceSum(mul(x, x), [1]);
  const { safe, is } = positive(squares, add(mul(mean(squares), 1e-10), 1e-30));
  return mul(x, div(is, sqrt(safe)));
}

/** Cosines of all pairs of rows of [B, …], [B, B]: 0 for a row of zeros. */
export const cosines = (x: Value): Value => gram(unitRows(rows(x)));

export interface Geometry {
  /** Inner products of the rows around their mean, [B, B]. */
  readonly products: Value;
  /** Squared lengths of the rows around their mean, [B, 1]. */
  readonly squares: Value;
  /** Distances of all pairs, above 0 even for equal rows: [B, B]. */
  readonly distances: Value;
  /** 1 where two rows differ, 0 where they are equal as far as float32 can tell: [B, B]. */
  readonly differ: Value;
}

/**
 * Where the rows of [B, …] lie to each other. Squared distances come from inner products, of rows around their mean since that loses
 * the least; below a millionth of the mean squared length they are rounding, and the two rows count as equal.
 */
export function geometry(x: Value): Geometry {
  const flat = rows(x);
  const centre = reduceMean(flat, [0]);
  const centred = sub(flat, centre);
  const products = gram(centred);
  const squares = reduceSum(mul(centred, centred), [1]);
  const squared = sub(add(squares, swapLast(squares)), mul(products, 2));
  const rounding = add(mul(mean(squares), 1e-6), add(mul(sum(mul(centre, centre)), 1e-12), 1e-30));
  const { safe, is } = positive(squared, rounding);
  return { products, squares, distances: sqrt(safe), differ: is };
}

/** Distances of all pairs of rows of [B, …], [B, B]: 0 with no gradient for equal rows. */
export function pairDistances(x: Value): Value {
  const { distances, differ } = geometry(x);
  return mul(distances, differ);
}
