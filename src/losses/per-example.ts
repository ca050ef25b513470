import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { sameShape, showShape } from '../graph/type.ts';
import { reduceMean, reduceSum } from '../ops/reduce.ts';

const inner = (x: Value): readonly number[] => x.shape.map((_, i) => i).slice(1);

/** Mean over everything but the first axis: [B, …] to [B]. */
export const meanPerExample = (x: Value): Value => reduceMean(x, inner(x), false);

/** Sum over everything but the first axis: [B, …] to [B]. */
export const sumPerExample = (x: Value): Value => reduceSum(x, inner(x), false);

/** Throws if two values that are compared element by element differ in shape: broadcasting would hide it. */
export function requireSameShape(where: string, a: Value, b: Value): void {
  if (sameShape(a.shape, b.shape)) return;
  throw new GraphError('shape-mismatch', `${where}: ${showShape(a.shape)} against ${showShape(b.shape)}; expected equal shapes`);
}
