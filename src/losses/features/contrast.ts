import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { softplus } from '../../ops/activations.ts';
import { add, mul, neg, stopGradient, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { concat } from '../../ops/movement.ts';
import { logSumExp } from '../../ops/reduce.ts';
import { swapLast } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';

/** Scores of one true partner and of K others for each example, divided by the temperature. */
export interface Scores {
  /** [B, 1]. */
  readonly partner: Value;
  /** [B, K]. */
  readonly others: Value;
}

/**
 * Logarithm of the constant Z that makes exp(score)/Z a density over n partners, estimated from these scores as n times the mean of
 * exp(score); no gradient.
 *
 * @returns Rank 0.
 */
export function logNormaliser({ partner, others }: Scores, n: number): Value {
  const scores = stopGradient(concat([partner, others], 1));
  const [rows, columns] = scores.shape as readonly [number, number];
  return add(logSumExp(scores, [0, 1], false), Math.log(n / (rows * columns)));
}

/**
 * Noise-contrastive estimation: is a pair one of the same example, against K pairs drawn at random? With p = exp(score)/Z, the sum
 * −log p/(p + K/n) − Σ_k log (K/n)/(p_k + K/n). One of the two sides of contrastive representation distillation, Tian et al. 2020
 * (arXiv 1910.10699) eq. 10–18; in log space it is a logistic loss, so no number is added to denominators as in the official code.
 *
 * @param scores Products of unit vectors over the temperature.
 * @param logZ Rank 0.
 * @param n Number of examples that others are drawn from.
 * @returns [B].
 */
export function noiseContrast({ partner, others }: Scores, logZ: Value, n: number): Value {
  const bar = add(logZ, Math.log((others.shape[1] as number) / n));
  return add(sumPerExample(softplus(sub(bar, partner))), sumPerExample(softplus(sub(others, bar))));
}

/**
 * InfoNCE among the batch: cross-entropy of picking the own partner among those of the whole batch, in both directions, summed.
 * The mean over examples is at most 2·log B where nothing is learned, and zero for a batch of one.
 *
 * @param student Unit vectors [B, D].
 * @param teacher Unit vectors [B, D].
 * @param temperature Divides the products.
 * @returns [B].
 */
export function infoNce(student: Value, teacher: Value, temperature: number): Value {
  requireSameShape('contrast: embeddings of the student and of the teacher', student, teacher);
  const scores = mul(matmul(student, swapLast(teacher)), 1 / temperature);
  const n = scores.shape[0] as number;
  const own = Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  const diagonal = scores.graph.constant(tensor(scores.dtype, [n, n], own));
  const both = add(logSoftmax(scores, 1), logSoftmax(scores, 0));
  return neg(sumPerExample(mul(both, diagonal)));
}
