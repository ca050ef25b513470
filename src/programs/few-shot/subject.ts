import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Dataset } from '../../data/dataset.ts';
import { type Preprocess, preprocessSchema } from '../../data/preprocess.ts';
import type { Tensor } from '../../graph/type.ts';
import { channelsOf } from '../../models/shrink/channels.ts';
import { type Cut, cutChannels } from '../../models/shrink/cut-channels.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { MismatchError } from '../../run/error.ts';
import { ask, serve, viewInputs } from '../../run/evaluate.ts';
import { inputOf, shapeFor } from '../../run/input.ts';
import { readResults } from '../../run/read-record.ts';
import { teacherOf } from '../../run/score-teacher.ts';
import { openModel } from '../../run/student-model.ts';
import type { RunOptions } from '../../run/workplace.ts';
import { type AlignedLayer, align } from './align.ts';

/** The student as it is cut out of the teacher, and what can be done with it. */
export interface Subject {
  /** How the teacher wants its input, and so the student. */
  readonly preprocess: Preprocess;
  readonly cut: Cut;
  align(
    examples: Dataset,
    options: { readonly ridge: number; readonly head: boolean; readonly layers: Readonly<Record<string, string>> },
  ): Promise<{ readonly weights: ReadonlyMap<string, Tensor>; readonly layers: readonly AlignedLayer[] }>;
  /** Metrics of weights on the test split. */
  score(weights: ReadonlyMap<string, Tensor>): Promise<Readonly<Record<string, number>>>;
}

/**
 * Cuts the student of a recipe out of its teacher, a finished run.
 * @throws MismatchError, ModelError if the two are not built alike.
 */
export async function openSubject(recipe: Recipe, options: Omit<RunOptions, 'directory'>): Promise<Subject> {
  const { runtime, dataFolder: folder = '.', hub } = options;
  const { teacher, splits, task, lower } = await teacherOf(recipe, options);
  const preprocess = await preprocessOf(recipe, folder);
  const input = inputOf(preprocess, splits.train);
  const shape = shapeFor(input, splits.train);
  if (!teacher.options || !teacher.weights) {
    throw new MismatchError(
      `teacher: found ${teacher.name}; expected a run whose student is an architecture of the recipe's kind, since the student is cut out of its weights`,
    );
  }
  const theirs = {
    model: await openModel(teacher.options, shape, { runtime, folder, hub, where: 'teacher' }),
    weights: new Map(Object.entries(teacher.weights([1, ...splits.train.example.shape]))),
  };
  const model = await openModel(recipe.student.model, shape, { runtime, folder, hub });
  const cut = cutChannels(theirs.weights, channelsOf(theirs.model, shape), channelsOf(model, shape));
  return {
    preprocess,
    cut,
    align: (examples, { ridge, head, layers }) =>
      align({
        student: { model, weights: cut.weights },
        teacher: theirs,
        kept: cut.kept,
        preprocess: input.graph,
        examples,
        ridge,
        head,
        layers,
        runtime,
        lower,
      }),
    async score(weights) {
      const inputs = viewInputs(splits.test.example);
      const file = await serve({ model, weights: Object.fromEntries(weights), inputs, preprocess: input.graph }, lower);
      return task.metrics(await ask(runtime, file, splits.test), splits.test, null);
    },
  };
}

/** How the run wanted its input. */
async function preprocessOf({ teacher }: Recipe, folder: string): Promise<Preprocess> {
  const directory = resolve(folder, teacher?.kind === 'run' ? teacher.run : '');
  if (!existsSync(join(directory, 'results.json')))
    throw new MismatchError(
      `teacher.run: found no finished run in ${directory}; expected one with results.json; finish it with --resume`,
    );
  return preprocessSchema.parse((await readResults(directory)).preprocess ?? {});
}
