import { openData } from '../data/sources.ts';
import type { Splits } from '../data/split.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { ask } from './evaluate.ts';
import { type Lower, tuned } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import type { Task } from './tasks/define.ts';
import { taskOf } from './tasks/of.ts';
import { openFinishedTeacher } from './teachers/finished.ts';
import { type OpenedTeacher, refuseOtherClasses } from './teachers/open.ts';
import type { RunOptions } from './workplace.ts';

/** What a teacher says of the test split, and how good that is. */
export interface Score {
  readonly outputs: Matrix;
  readonly metrics: Readonly<Record<string, number>>;
}

type Opening = Omit<RunOptions, 'directory'>;

/** A recipe's teacher beside its data, to be looked at. */
export interface TeacherOfData {
  readonly teacher: OpenedTeacher;
  readonly splits: Splits;
  readonly task: Task;
  readonly lower: Lower;
}

/** Opens the teacher of a recipe, and its data; nothing is trained or written. @throws MismatchError if it cannot be opened so. */
export async function teacherOf(
  recipe: Recipe,
  { runtime, dataFolder: folder = '.', hub, supplied = {}, openData: open = openData }: Opening,
): Promise<TeacherOfData> {
  const splits = await open(recipe.data, { folder, hub, supplied });
  const task = taskOf(splits.train);
  const lower = tuned(runtime);
  const teacher = (await openFinishedTeacher(recipe, splits, { runtime, folder, hub, run: null, lower }))!;
  return { teacher, splits, task, lower };
}

/**
 * Asks the teacher of a recipe about the test split; nothing is trained or written.
 * @throws MismatchError if there is no teacher, or it predicts other classes than the data has.
 */
export async function scoreTeacher(recipe: Recipe, options: Opening): Promise<Score> {
  const { teacher, splits, task } = await teacherOf(recipe, options);
  refuseOtherClasses(teacher, splits);
  const outputs = await ask(options.runtime, teacher.bytes, splits.test, teacher);
  return { outputs, metrics: task.metrics(outputs, splits.test, null) };
}
