import type { Value } from '../../graph/graph.ts';
import { add, div, log, max, mul } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';

export interface TransportOptions {
  /** Strength of the entropy term as a share of the mean cost; smaller is nearer to the exact plan and converges more slowly. */
  readonly epsilon: number;
  readonly iterations: number;
}

/**
 * Logarithm of the plan that moves masses a to masses b at the least cost, with an entropy term: Sinkhorn's iterations in log
 * space, Cuturi 2013 (arXiv 1306.0895). The entropy term falls from the mean cost to `epsilon` of it over the first half of the
 * iterations, without which small ones converge too slowly. In the end the columns have their masses exactly, the rows nearly.
 *
 * @param cost [S, T], ≥ 0.
 * @param a Masses [S], above 0, summing to 1.
 * @param b Masses [T], above 0, summing to 1.
 * @returns [S, T].
 */
export function logPlan(cost: Value, a: Value, b: Value, { epsilon, iterations }: TransportOptions): Value {
  const falling = Math.floor(iterations / 2);
  const strength = (i: number): number => epsilon ** (i < falling ? (i + 1) / falling : 1);
  // The tiny number stands for the mean where all costs are zero.
  let plan = div(mul(cost, -1 / strength(0)), max(mean(cost), 1e-30));
  const [rows, columns] = [reshape(log(a), [-1, 1]), log(b)];
  for (let i = 0; i < iterations; i++) {
    const sharper = i === 0 ? 1 : strength(i - 1) / strength(i);
    plan = add(logSoftmax(sharper === 1 ? plan : mul(plan, sharper), 1), rows);
    plan = add(logSoftmax(plan, 0), columns);
  }
  return plan;
}
