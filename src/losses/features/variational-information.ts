import type { Value } from '../../graph/graph.ts';
import { softplus } from '../../ops/activations.ts';
import { add, div, log, mul, sub } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/shape.ts';
import { meanPerExample, requireSameShape } from '../per-example.ts';

const smallest = 1e-5;

/** What `scale` has to be for a variance. */
export const scaleOfVariance = (variance: number): number => Math.log(Math.expm1(variance - smallest));

/**
 * −log density of the teacher's feature under normal distributions whose means the student predicts, up to a constant:
 * ½·[(μ − t)²/v_c + log v_c] with v_c = log(1 + exp(scale_c)) + 1e-5, mean over elements; variational information distillation,
 * Ahn et al. 2019 (arXiv 1904.05835) eq. 4–6. It is below zero where variances are below 1, and at least ½·log 1e-5 ≈ −5.8.
 *
 * @param mean What the student predicts of the feature: [B, C, …] for maps, [B, …, C] otherwise.
 * @param teacher Same shape.
 * @param scale [C], trained.
 * @returns [B].
 */
export function variationalInformation(mean: Value, teacher: Value, scale: Value): Value {
  requireSameShape('variational information: predicted feature and feature of the teacher', mean, teacher);
  const spread = add(softplus(mean.rank > 3 ? reshape(scale, [-1, ...mean.shape.slice(2).map(() => 1)]) : scale), smallest);
  const gap = sub(mean, teacher);
  return mul(meanPerExample(add(div(mul(gap, gap), spread), log(spread))), 0.5);
}
