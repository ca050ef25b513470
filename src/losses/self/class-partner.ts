import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { add, cast, equal, greater, mul } from '../../ops/elementwise.ts';
import { argMax } from '../../ops/gather.ts';
import { reduceMax, reduceSum } from '../../ops/reduce.ts';
import { unsqueeze } from '../../ops/shape.ts';

export interface Partners {
  /** Which example of the batch is the partner, int64 [B]; the example itself or any other where there is none. */
  readonly at: Value;
  /** [B], 1 where there is a partner and 0 elsewhere. */
  readonly found: Value;
}

/**
 * For each example another of the same class and batch, all of them equally likely.
 *
 * @param target Class probabilities [B, K]; the class is the most probable one, a row of zeros has none.
 * @param draws Uniform numbers in [0, 1), [B, B].
 */
export function classPartners(target: Value, draws: Value): Partners {
  const size = target.shape[0] as number;
  const classes = argMax(target, 1);
  const labelled = cast(greater(reduceSum(target, [1], false), 0), target.dtype);
  const alike = cast(equal(unsqueeze(classes, [0]), unsqueeze(classes, [1])), target.dtype);
  const eligible = mul(mul(alike, unsqueeze(labelled, [0])), mul(unsqueeze(labelled, [1]), otherThanSelf(target, size)));
  // Draws may be 0, and must still beat those who are not eligible.
  const scores = mul(eligible, add(draws, 1));
  return { at: argMax(scores, 1), found: reduceMax(eligible, [1], false) };
}

/** 0 on the diagonal and 1 elsewhere, [n, n]. */
const otherThanSelf = (like: Value, n: number): Value =>
  like.graph.constant(
    tensor(
      like.dtype,
      [n, n],
      Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 0 : 1)),
    ),
  );
