import type { Value } from '../../graph/graph.ts';
import { add, cast, mul } from '../../ops/elementwise.ts';
import { gather, pick } from '../../ops/gather.ts';
import { cumSum, slice } from '../../ops/movement.ts';
import type { Init } from '../define.ts';
import { normalInit, uniformInit } from '../init.ts';
import type { Trains } from '../layers.ts';

/** How BERT starts all of its matrices: N(0, 0.02²). Devlin et al. 2019 (arXiv 1810.04805) and its code. */
export const bertNormal = normalInit(0.02);

/** How word vectors start that nothing normalises: uniform in ±0.25. Kim 2014 (arXiv 1408.5882) §3.1. */
export const plainUniform = uniformInit(0.25);

/** A trained table of vectors: `<name>.weight` is [rows, width]. Starts as BERT's unless told. */
export const table = (ctx: Trains, name: string, rows: number, width: number, init: Init = bertNormal): Value =>
  ctx.scope(name, () => ctx.param('weight', [rows, width], init));

/**
 * The vectors of places 0 … L − 1 of a table, [L, D] or [1, L, D], for what has a shape [N, L] with L a number or a name.
 *
 * @param like Any numbers [N, L]; where L is only a name, it is counted while the graph runs.
 */
export function firstRows(positions: Value, like: Value): Value {
  const length = like.shape[1]!;
  if (typeof length === 'number') return slice(positions, [0], [length]);
  const ones = add(mul(cast(pick(like, 0), 'int64'), 0), 1);
  return gather(positions, cumSum(ones, 0, { exclusive: true }));
}
