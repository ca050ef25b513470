import type { LossOptions } from '../methods/index.ts';
import type { Recipe, TeacherOptions } from '../recipe/recipe.ts';
import { scratchObjective } from '../run/scratch.ts';
import type { Task } from '../run/tasks/define.ts';

/** The recipe of a part: what it changes of the program's. */
type Change = Partial<Omit<Recipe, 'teacher' | 'losses' | 'objective'>>;

/** The same student on what the recipe says of labels, without a teacher. */
export function onLabels({ teacher: _, objective: __, losses = [], ...recipe }: Recipe, task: Task, change: Change = {}): Recipe {
  const alone = scratchObjective(task, losses)?.losses;
  return {
    ...recipe,
    ...(alone && { losses: alone as readonly LossOptions[] }),
    repairs: [],
    balance: 'none',
    stages: [],
    ...change,
  };
}

/** The student of the recipe taught by somebody, without a scratch control of its own. */
export const taughtBy = (recipe: Recipe, teacher: TeacherOptions, change: Change = {}): Recipe => ({
  ...recipe,
  teacher,
  controls: { scratch: false },
  ...change,
});

/** A recipe whose student is the teacher that the recipe would train, so that other parts can name it; null for any other teacher. */
export function ofTrainedTeacher(recipe: Recipe, task: Task): Recipe | null {
  const { teacher } = recipe;
  if (teacher?.kind !== 'train') return null;
  const { model, preprocess, stages, training, smoothing, seed } = teacher;
  const { losses: _, student: __, ...rest } = onLabels(recipe, task);
  const hard = task.hardLoss?.(smoothing);
  return {
    ...rest,
    student: { model, ...(preprocess && { preprocess }) },
    ...(hard && { losses: scratchObjective(task, [hard as LossOptions])!.losses as readonly LossOptions[] }),
    stages,
    training,
    seeds: [seed ?? recipe.seeds[0]!],
  };
}
