import type { Value } from '../../graph/graph.ts';
import { above, add, div, max, mul } from '../../ops/elementwise.ts';
import { reduceMax, reduceSum } from '../../ops/reduce.ts';
import { sumPerExample } from '../per-example.ts';

/** Scores from here down are masked positions: models add −1e4 or less to them. */
export const masked = -100;

/** What an attention map holds: scores before the softmax, or probabilities. */
export type Given = 'scores' | 'probabilities';

/** 1 at positions that may be attended to, 0 at masked ones, from one map [B, H, L, L]. */
const open: Readonly<Record<Given, (x: Value) => Value>> = {
  scores: (x) => above(add(x, -masked)),
  probabilities: above,
};

/** 1 where either side may attend, [B, H, L, L]: masked are positions that both mask. */
export const openPositions = (student: Value, teacher: Value, given: Given): Value =>
  max(open[given](student), open[given](teacher));

/** 1 for rows with a position that may be attended to, [B, H, L, 1]. */
export const openRows = (positions: Value): Value => reduceMax(positions, [3]);

/** Mean over what counts, by a mask of 0 and 1: [B, …] to [B]; 0 where nothing counts. */
export const meanWhere = (x: Value, mask: Value): Value => div(sumPerExample(mul(x, mask)), max(sumPerExample(mask), 1));

/** Sum over the keys, [B, H, L, L] to [B, H, L, 1]. */
export const overKeys = (x: Value): Value => reduceSum(x, [3]);
