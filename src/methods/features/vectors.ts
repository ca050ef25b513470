import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { pick } from '../../ops/gather.ts';
import { globalAveragePool } from '../../ops/pool.ts';
import { reduceMean } from '../../ops/reduce.ts';

/** Which vector stands for the tokens of an example: the first, or their mean. */
export const tokenChoices = {
  class: (x: Value): Value => pick(x, 0, 1),
  mean: (x: Value): Value => reduceMean(x, [1], false),
};

/** One vector per example: vectors as they are, the chosen token, or the mean over a map. [B, …] to [B, D]. */
export function vectorOf(where: string, x: Value, token: keyof typeof tokenChoices): Value {
  const byRank: Readonly<Record<number, (v: Value) => Value>> = {
    2: (v) => v,
    3: tokenChoices[token],
    4: (v) => globalAveragePool(v, false),
  };
  const reduce = byRank[x.rank];
  if (reduce) return reduce(x);
  throw new GraphError(
    'shape-mismatch',
    `${where}: ${showShape(x.shape)}; expected [B,D], [B,L,D] or [B,C,H,W]; choose another layer`,
  );
}
