import { type LossOptions, lossSchema } from '../methods/index.ts';
import type { Task } from './evaluate.ts';

/** The loss of a model that has no teacher, by task: what the recipe says of labels, with weight 1. */
const hardLoss: Readonly<Record<Task['name'], LossOptions['kind']>> = { classification: 'labels', regression: 'regression' };

/** The losses of the scratch control. */
export function scratchLosses(task: Task['name'], losses: readonly LossOptions[]): readonly LossOptions[] {
  const kind = hardLoss[task];
  const own = losses.find((l) => l.kind === kind);
  return [lossSchema.parse({ kind, ...own, weight: 1 })];
}
