import type { ObjectiveOptions } from '../methods/combine.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { fromShorthand, shorthandSchema } from '../methods/shorthand.ts';
import type { Recipe, Settled } from '../recipe/recipe.ts';
import { MismatchError } from './error.ts';
import type { Task } from './tasks/define.ts';

/** A recipe with the losses that it names, or those that are usual for its task. @throws MismatchError where nothing can be learnt. */
export function settled({ objective, losses, ...recipe }: Recipe, task: Task): Settled {
  if (!task.hardLoss && !recipe.teacher) {
    throw new MismatchError(
      `data: found ${task.found}, and no teacher in the recipe; expected something to learn; name the column of the labels (data.label, data.targets), or a teacher whose embedding the student imitates`,
    );
  }
  const usual = (): LossOptions[] =>
    objective || !task.hardLoss
      ? fromShorthand(objective ?? shorthandSchema.parse({}), task.kinds)
      : [lossSchema.parse(task.hardLoss(0))];
  return { ...recipe, losses: losses ?? usual() };
}

/** What the scratch control learns: what the recipe says of labels, with weight 1; null where there is nothing to learn from. */
export function scratchObjective({ hardLoss }: Task, losses: readonly LossOptions[]): ObjectiveOptions | null {
  if (!hardLoss) return null;
  const hard = hardLoss(0);
  const own = losses.find((l) => l.kind === hard.kind);
  return { losses: [lossSchema.parse({ ...hard, ...own, weight: 1, examples: [] })] };
}

/** Whether the student learns from anything but the labels, in any of its stages. */
export const distils = (task: Task, { losses, stages }: Pick<Settled, 'losses' | 'stages'>): boolean =>
  [losses, ...stages.map((stage) => stage.losses)].flat().some((l) => l.kind !== task.hardLoss?.(0).kind);
