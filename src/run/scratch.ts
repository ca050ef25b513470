import { type LossOptions, lossSchema } from '../methods/index.ts';
import type { Task } from './evaluate.ts';

/** The losses of the scratch control: what the recipe says of labels, with weight 1. */
export function scratchLosses(task: Task, losses: readonly LossOptions[]): readonly LossOptions[] {
  const hard = task.hardLoss(0);
  const own = losses.find((l) => l.kind === hard.kind);
  return [lossSchema.parse({ ...hard, ...own, weight: 1 })];
}
