import type { Value } from '../../graph/graph.ts';
import { add, div, exp, mul, sqrt, stopGradient, sub } from '../../ops/elementwise.ts';
import { mean, reduceMax, reduceMean, reduceSum } from '../../ops/reduce.ts';
import { requireSameShape } from '../per-example.ts';
import { softened, type Temperature, timesSquare } from './soft-targets.ts';

export interface DistOptions {
  /** Weight of the relations between classes, within each example. */
  readonly beta: number;
  /** Weight of the relations between examples, within each class. */
  readonly gamma: number;
  readonly temperature: Temperature;
}

/**
 * T²·[β·(1 − ρ(pˢ_b, pᵗ_b)) + γ·(1 − mean over classes of ρ(pˢ_:k, pᵗ_:k))]: DIST (Huang et al. 2022, arXiv 2205.10536, eq. 8–10);
 * ρ is Pearson's correlation of softened probabilities. The second part is one number for the batch, given to each example; in a
 * batch of one it is the constant γ. The paper prints no T², the official code multiplies by it, and so does this.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K], finite.
 * @returns [B], 0 to 2·T²·(β + γ).
 */
export function dist(student: Value, teacher: Value, { beta, gamma, temperature }: DistOptions): Value {
  requireSameShape('dist: logits of the student and of the teacher', student, teacher);
  const [s, t] = [softened(student, temperature), softened(teacher, temperature)];
  const between = mul(sub(1, correlation(s, t, 1)), beta);
  const within = mul(sub(1, mean(correlation(s, t, 0))), gamma);
  return timesSquare(add(between, within), temperature);
}

/** Pearson's ρ of probabilities along an axis of [B, K] from their logarithms. */
function correlation(logA: Value, logB: Value, axis: 0 | 1): Value {
  // ρ does not see a factor; one that makes the largest entry 1 keeps small probabilities from being squared to zero.
  const centred = (logP: Value): Value => {
    const p = exp(sub(logP, stopGradient(reduceMax(logP, [axis]))));
    return sub(p, reduceMean(p, [axis]));
  };
  const [a, b] = [centred(logA), centred(logB)];
  // The small number makes a flat row uncorrelated with everything, with a gradient that is finite.
  const squared = (x: Value): Value => add(reduceSum(mul(x, x), [axis], false), 1e-8);
  return div(reduceSum(mul(a, b), [axis], false), sqrt(mul(squared(a), squared(b))));
}
