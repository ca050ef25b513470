import type { HubOptions } from '../../data/hub/options.ts';
import type { Splits } from '../../data/split.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Runtime } from '../../runtime/port.ts';
import { finishedStore } from '../finished-store.ts';
import { type Lower, tuned } from '../lowering.ts';
import { taskOf } from '../tasks/of.ts';
import type { TeacherContext } from './define.ts';
import { type OpenedTeacher, openTeacher } from './open.ts';

interface Finished {
  readonly runtime: Runtime;
  /** Folder that paths of the recipe start from. */
  readonly folder: string;
  readonly hub?: HubOptions | undefined;
  /** Folder of a run of the recipe, where a teacher that the run trained is kept; null where there is none. */
  readonly run: string | null;
  /** By default as it was measured on this machine. */
  readonly lower?: Lower;
}

/** What a teacher is opened with where nothing is to be trained. */
export const finishedContext = (
  recipe: Recipe,
  splits: Splits,
  { runtime, folder, hub, run, lower = tuned(runtime) }: Finished,
): TeacherContext => ({
  recipe,
  splits,
  folder,
  hub,
  runtime,
  lower,
  store: finishedStore(run, recipe.name),
  train: splits.train,
  headline: taskOf(splits.train).headline,
  validate: null,
  emit: () => {},
  signal: new AbortController().signal,
  clock: () => 0,
});

/**
 * Opens the teacher of a recipe without training anything; null where it has none.
 * @throws FileError where a trained teacher is missing, and what opening models throws.
 */
export const openFinishedTeacher = (recipe: Recipe, splits: Splits, finished: Finished): Promise<OpenedTeacher | null> =>
  openTeacher(finishedContext(recipe, splits, finished));
