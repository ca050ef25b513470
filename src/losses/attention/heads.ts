import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { reshape, unsqueeze } from '../../ops/shape.ts';

/** What happens where the numbers of heads differ: `mean` over all heads of both, or `group`: means of neighbouring heads. */
export type HeadRule = 'mean' | 'group';

/** [B, H, L, …]; one head where there is no axis for them. */
export function withHeads(x: Value): Value {
  if (x.rank === 4) return x;
  if (x.rank === 3) return unsqueeze(x, [1]);
  throw new GraphError(
    'shape-mismatch',
    `attention: a tap of shape ${showShape(x.shape)}; expected [B, heads, L, L], or [B, L, L] for one head; tap another value`,
  );
}

const headsOf = (x: Value): number => x.shape[1] as number;

/** Means of H/n neighbouring heads each: [B, H, …] to [B, n, …]. */
function grouped(x: Value, n: number): Value {
  const [B, H, ...rest] = x.shape as readonly number[];
  return n === H ? x : reduceMean(reshape(x, [B!, n, H! / n, ...rest]), [2], false);
}

const targets: Readonly<Record<HeadRule, (a: number, b: number) => number>> = {
  mean: () => 1,
  group: (a, b) => {
    const [few, many] = [Math.min(a, b), Math.max(a, b)];
    if (many % few === 0) return few;
    throw new GraphError('shape-mismatch', `attention: ${a} and ${b} heads; neither divides the other; take heads: mean`);
  },
};

/** How both sides are brought to one number of heads; nothing happens where they have it already. */
export function alignHeads(student: Value, teacher: Value, rule: HeadRule): (x: Value) => Value {
  const [a, b] = [headsOf(student), headsOf(teacher)];
  const n = a === b ? a : targets[rule](a, b);
  return (x) => grouped(x, n);
}
