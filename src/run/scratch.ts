import type { ObjectiveOptions } from '../methods/combine.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import type { Task } from './evaluate.ts';

/** What the scratch control learns: what the recipe says of labels, with weight 1. */
export function scratchObjective(task: Task, losses: readonly LossOptions[]): ObjectiveOptions {
  const hard = task.hardLoss(0);
  const own = losses.find((l) => l.kind === hard.kind);
  return { losses: [lossSchema.parse({ ...hard, ...own, weight: 1, examples: [] })] };
}

/** Whether a student learns from anything but the labels. */
export const distils = (task: Task, losses: readonly LossOptions[]): boolean =>
  losses.some((l) => l.kind !== task.hardLoss(0).kind);
