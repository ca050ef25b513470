import type { Value } from '../../graph/graph.ts';
import { stopGradient } from '../../ops/elementwise.ts';
import { softmax } from '../../ops/softmax.ts';
import { meanSquaredError } from '../regression.ts';
import { softTargets } from '../responses/soft-targets.ts';

/** How far a student is from its average: each [B, K] and [B, K] to [B]; no gradient flows into the second. */
export const consistency: Readonly<Record<'mse' | 'kl', (student: Value, average: Value) => Value>> = {
  /** Mean over classes of the squared difference of probabilities: Tarvainen and Valpola 2017 (arXiv 1703.01780) §3. */
  mse: (student, average) => meanSquaredError(softmax(student), stopGradient(softmax(average))),
  /** KL(average ‖ student), the other choice of the official code. */
  kl: (student, average) => softTargets(student, stopGradient(average), 1),
};
