import type { Value } from '../graph/graph.ts';
import { showShape } from '../graph/type.ts';
import { div, max, mul } from '../ops/elementwise.ts';
import { globalAveragePool } from '../ops/pool.ts';
import { reduceSum } from '../ops/reduce.ts';
import { reshape, unsqueeze } from '../ops/shape.ts';
import { ModelError } from './error.ts';
import { tokensOf } from './tokens.ts';

/** One vector per example of a value of each rank; `x` is the batch that the model got. */
const byRank: Readonly<Record<number, (v: Value, x: Value) => Value>> = {
  2: (v) => v,
  // Means over the tokens that are none of padding.
  3: (v, x) => {
    const { mask } = tokensOf('a vector per text', x);
    const weights = unsqueeze(mask, [2]);
    const total = reduceSum(mul(v, weights), [1]);
    const mean = div(total, max(reduceSum(weights, [1]), 1));
    return reshape(mean, [v.shape[0]!, v.shape[2]!]);
  },
  4: (v) => globalAveragePool(v, false),
};

/**
 * [N, D] of what a model knows of each example: vectors as they are, tokens [N, L, D] and pictures [N, C, H, W] averaged.
 *
 * @throws ModelError `bad-shape` for other ranks.
 */
export function pooled(v: Value, x: Value, where: string): Value {
  const pool = byRank[v.rank];
  if (!pool)
    throw new ModelError('bad-shape', `${where}: ${showShape(v.shape)} is no vector, text or picture; choose another tensor`);
  return pool(v, x);
}
