import type { Value } from '../../graph/graph.ts';
import { add, sqrt } from '../../ops/elementwise.ts';

/** √x of sums of squares, with a slope at zero that is a number: 0 for what is squared. Off by at most 1e-10. */
export const root = (squares: Value): Value => sqrt(add(squares, 1e-20));
