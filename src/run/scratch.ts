import type { ObjectiveOptions } from '../methods/combine.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { fromShorthand } from '../methods/shorthand.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Task } from './evaluate.ts';

/** A recipe with losses of its own, or with those that are usual for its task. */
export function settled({ objective, ...recipe }: Recipe, task: Task): Recipe {
  if (!objective) return recipe;
  return { ...recipe, losses: recipe.teacher ? fromShorthand(objective, task.kinds) : [lossSchema.parse(task.hardLoss(0))] };
}

/** What the scratch control learns: what the recipe says of labels, with weight 1. */
export function scratchObjective(task: Task, losses: readonly LossOptions[]): ObjectiveOptions {
  const hard = task.hardLoss(0);
  const own = losses.find((l) => l.kind === hard.kind);
  return { losses: [lossSchema.parse({ ...hard, ...own, weight: 1, examples: [] })] };
}

/** Whether a student learns from anything but the labels. */
export const distils = (task: Task, losses: readonly LossOptions[]): boolean =>
  losses.some((l) => l.kind !== task.hardLoss(0).kind);
