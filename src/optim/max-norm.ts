import type { Value } from '../graph/graph.ts';
import { add, div, min, mul, sqrt, sub } from '../ops/elementwise.ts';
import { reduceSum } from '../ops/reduce.ts';
import { each, type Transform } from './transform.ts';

/** All axes but the one that counts units: [in, out] for a matrix, [out, in, …] for a convolution. */
const incoming = (w: Value): readonly number[] => (w.rank === 2 ? [0] : w.shape.map((_, i) => i).slice(1));

/**
 * Shrinks the incoming weights of a unit to the L2 norm `limit` where an update would take them beyond it,
 * Hinton et al. 2012 (arXiv 1207.0580). Biases and scales (rank below 2) stay as they are.
 */
export const maxNorm = (limit: number): Transform =>
  each((u, { value }) => {
    if (value.rank < 2) return u;
    const next = sub(value, u);
    const norm = sqrt(reduceSum(mul(next, next), incoming(value)));
    return sub(value, mul(next, min(div(limit, add(norm, 1e-7)), 1)));
  });
