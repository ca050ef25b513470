import type { Value } from '../../graph/graph.ts';
import { add, exp, mul } from '../../ops/elementwise.ts';
import { sum } from '../../ops/reduce.ts';
import { expand, transpose } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { logSum } from './log-sum.ts';
import { entropy } from './soft-targets.ts';

/**
 * −β·H(softmax(z)): the confidence penalty (Pereyra et al. 2017, arXiv 1701.06548, §3), which rewards answers that leave something open.
 *
 * @param logits [B, K].
 * @returns [B], −β·ln K to 0.
 */
export const confidencePenalty = (logits: Value, beta: number): Value => mul(entropy(logits), -beta);

/**
 * ln K − H(mean of softmax(z) over the batch): zero where all classes are predicted equally often, ln K where only one is. In nats, as
 * in CMI's class balance; the term of DAFL (Chen et al. 2019, arXiv 1904.01186, §3.2) is in decimal logarithms in its code.
 *
 * @param logits [B, K].
 * @returns [B], the one number of the batch for each example.
 */
export function classBalance(logits: Value): Value {
  const [b, k] = logits.shape as readonly number[];
  const logMean = add(logSum(transpose(logSoftmax(logits), [1, 0])), -Math.log(b!));
  return expand(add(sum(mul(exp(logMean), logMean)), Math.log(k!)), [b!]);
}
