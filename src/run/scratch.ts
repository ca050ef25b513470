import type { ObjectiveOptions } from '../methods/combine.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { fromShorthand } from '../methods/shorthand.ts';
import type { Recipe, Settled } from '../recipe/recipe.ts';
import type { Task } from './evaluate.ts';

/** A recipe with the losses that it names, or those that are usual for its task. */
export function settled({ objective, losses, ...recipe }: Recipe, task: Task): Settled {
  const usual = (): LossOptions[] => (objective ? fromShorthand(objective, task.kinds) : [lossSchema.parse(task.hardLoss(0))]);
  return { ...recipe, losses: losses ?? usual() };
}

/** What the scratch control learns: what the recipe says of labels, with weight 1. */
export function scratchObjective(task: Task, losses: readonly LossOptions[]): ObjectiveOptions {
  const hard = task.hardLoss(0);
  const own = losses.find((l) => l.kind === hard.kind);
  return { losses: [lossSchema.parse({ ...hard, ...own, weight: 1, examples: [] })] };
}

/** Whether the student learns from anything but the labels, in any of its stages. */
export const distils = (task: Task, { losses, stages }: Pick<Settled, 'losses' | 'stages'>): boolean =>
  [losses, ...stages.map((stage) => stage.losses)].flat().some((l) => l.kind !== task.hardLoss(0).kind);
