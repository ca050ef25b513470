import type { Model, ModelShape } from '../../models/define.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { MismatchError } from '../../run/error.ts';
import { ask } from '../../run/evaluate.ts';
import { type InputSpec, inputOf, shapeFor } from '../../run/input.ts';
import type { Lower } from '../../run/lowering.ts';
import { teacherOf } from '../../run/score-teacher.ts';
import { openModel } from '../../run/student-model.ts';
import { refuseOtherClasses } from '../../run/teachers/open.ts';
import type { RunOptions } from '../../run/workplace.ts';
import { refuseState } from '../unrolled/stateless.ts';
import { type Pool, poolOf } from './episodes.ts';
import type { MetaOptions } from './options.ts';
import { tooFew } from './train-meta.ts';

/** Classes, examples and the student that all seeds share. */
export interface Classroom {
  /** Numbers of the classes of meta-training, and of new tasks. */
  readonly known: readonly number[];
  readonly unseen: readonly number[];
  readonly names: readonly string[];
  /** Train split with the teacher's logits, and test split. */
  readonly train: Pool;
  readonly test: Pool;
  readonly input: InputSpec;
  /** The student with an answer for each class of a task. */
  readonly model: Model;
  readonly shape: ModelShape;
  readonly lower: Lower;
}

/**
 * Opens data, teacher and student of a recipe for tasks of a few classes.
 * @throws MismatchError where there are too few classes or examples, or the student keeps running statistics or draws random numbers.
 */
export async function openClassroom(
  { ways, newClasses, shots, training, adaptation }: MetaOptions,
  recipe: Recipe,
  options: Omit<RunOptions, 'directory'>,
): Promise<Classroom> {
  const { runtime, dataFolder: folder = '.', hub } = options;
  const { teacher, splits, lower } = await teacherOf(recipe, options);
  const names = splits.train.classes;
  const count = names?.length ?? 0;
  if (!names || count - newClasses < ways) {
    throw new MismatchError(
      `program: found data with ${count} classes, of which ${newClasses} are kept for new tasks; expected at least ${ways} to train on (ways); take fewer, or data with more classes`,
    );
  }
  refuseOtherClasses(teacher, splits);
  const all = names.map((_, c) => c);
  const [known, unseen] = [all.slice(0, count - newClasses), all.slice(count - newClasses)];
  const train = poolOf(splits.train, await ask(runtime, teacher.bytes, splits.train, teacher));
  const test = poolOf(splits.test, null);
  const needed = Math.max(training.shots + training.queries, ...shots);
  const poor = tooFew(train, all, needed) ?? tooFew(test, all, adaptation.queries);
  if (poor !== undefined) {
    throw new MismatchError(
      `program: found too few examples of class '${names[poor]}'; expected ${needed} in the train split and ${adaptation.queries} in the test split; take fewer shots or queries, or more data`,
    );
  }
  const input = inputOf(recipe.student.preprocess, splits.train);
  const shape = { ...shapeFor(input, splits.train), outputs: ways };
  const model = await openModel(recipe.student.model, shape, { runtime, folder, hub });
  await refuseState(model, shape);
  return { known, unseen, names, train, test, input, model, shape, lower };
}
