import type { Value } from '../../graph/graph.ts';
import { cast, greater } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';

/** [B]: 1 for examples that have a label, 0 where the row of class probabilities [B, K] is all zeros. */
export const labelled = (target: Value): Value => cast(greater(reduceSum(target, [1], false), 0), target.dtype);
