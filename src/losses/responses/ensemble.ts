import type { Value } from '../../graph/graph.ts';
import { add, exp, mul } from '../../ops/elementwise.ts';
import { slice } from '../../ops/movement.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { logSumOf } from './log-sum.ts';
import { divergence, floored, scaled, softened, type Temperature, timesSquare } from './soft-targets.ts';

/** What is averaged over teachers: `probabilities` (Hinton et al. 2015) or `logits`, a geometric mean of probabilities (FedDF). */
export type Mean = 'probabilities' | 'logits';

type Average = (teachers: readonly Value[], logWeights: readonly Value[], temperature: Temperature) => Value;

const averages: Readonly<Record<Mean, Average>> = {
  probabilities: (teachers, logWeights, temperature) =>
    logSumOf(teachers.map((z, m) => add(floored(softened(z, temperature)), logWeights[m]!))),
  logits: (teachers, logWeights, temperature) => {
    const sum = teachers.map((z, m) => mul(z, exp(logWeights[m]!))).reduce((a, b) => add(a, b));
    return logSoftmax(scaled(sum, temperature));
  },
};

/**
 * log of the mean of several teachers: log Σ wₘ·softmax(zₘ/T), or log softmax(Σ wₘ·zₘ/T).
 *
 * @param teachers Logits of each, [B, K].
 * @param logWeights log wₘ, [B, M] or [1, M], numbers (not −∞); the weights of an example sum to 1.
 * @returns Log probabilities [B, K].
 */
export function meanOfTeachers(teachers: readonly Value[], logWeights: Value, mean: Mean, temperature: Temperature): Value {
  const columns = teachers.map((_, m) => slice(logWeights, [m], [m + 1], [1]));
  return averages[mean](teachers, columns, temperature);
}

type Towards = (student: Value, logMean: Value, temperature: Temperature) => Value;

/** T²·KL between the mean of teachers (log probabilities [B, K], made at the same T) and the student (logits [B, K]): [B], in nats. */
export const towardsMean: Readonly<Record<'forward' | 'reverse', Towards>> = {
  forward: (student, logMean, temperature) => timesSquare(divergence(logMean, softened(student, temperature)), temperature),
  reverse: (student, logMean, temperature) => timesSquare(divergence(softened(student, temperature), logMean), temperature),
};
