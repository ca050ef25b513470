import type { ObjectiveOptions } from '../methods/combine.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { classes, fromShorthand } from '../methods/shorthand.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Task } from './evaluate.ts';

/** A recipe with losses of its own, or with those that are usual for its task. */
export function settled({ objective, ...recipe }: Recipe, task: Task): Recipe {
  if (objective) return { ...recipe, losses: fromShorthand(objective, task.kinds) };
  const unsaid = !recipe.teacher && JSON.stringify(recipe.losses) === JSON.stringify([lossSchema.parse({ kind: classes.hard })]);
  return unsaid ? { ...recipe, losses: [lossSchema.parse(task.hardLoss(0))] } : recipe;
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
