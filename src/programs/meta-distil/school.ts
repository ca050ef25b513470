import type { Dataset } from '../../data/dataset.ts';
import { openData } from '../../data/sources.ts';
import type { Splits } from '../../data/split.ts';
import type { Tensor } from '../../graph/type.ts';
import { buffersOf, tapsOf } from '../../models/build.ts';
import type { Model, ModelShape } from '../../models/define.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { MismatchError } from '../../run/error.ts';
import { ask, serve, viewInputs } from '../../run/evaluate.ts';
import { type InputSpec, inputOf, shapeFor } from '../../run/input.ts';
import { tuned } from '../../run/lowering.ts';
import type { Tensors } from '../../run/store.ts';
import { openModel } from '../../run/student-model.ts';
import type { Task } from '../../run/tasks/define.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { openRunModel, type RunTeacher } from '../../run/teachers/from-run.ts';
import { refuseOtherClasses } from '../../run/teachers/open.ts';
import type { RunOptions } from '../../run/workplace.ts';
import { refuseState } from '../unrolled/stateless.ts';
import type { Learner } from './distil-step.ts';

type Scores = Readonly<Record<string, number>>;

/** A model of the school. */
interface Pupil {
  readonly model: Model;
  readonly shape: ModelShape;
  readonly preprocess: InputSpec['graph'];
  /** Metrics of weights on a split. */
  score(weights: Tensors, on: 'validation' | 'test'): Promise<Scores>;
}

/** Data, student and teacher that all seeds share. */
export interface School {
  readonly splits: Splits;
  readonly task: Task;
  readonly student: Pupil;
  readonly teacher: Pupil & { readonly weights: Tensors; readonly learner: Learner };
}

/** @throws MismatchError unless examples have classes and one size. */
export function refuseOtherData(train: Dataset): void {
  const { name, found } = taskOf(train);
  if (name === 'classification' && train.example.layout !== 'tokens') return;
  throw new MismatchError(
    `data: found ${train.example.layout === 'tokens' ? 'texts' : found}; expected pictures or rows with a class each, since the quiz asks for classes and the graph of a step has one size; take other data, or a run without a program`,
  );
}

/**
 * Opens data, student and teacher.
 * @throws MismatchError where the student keeps statistics or draws random numbers, or the teacher predicts other classes.
 */
export async function openSchool(recipe: Recipe, options: Omit<RunOptions, 'directory'>): Promise<School> {
  const { runtime, dataFolder: folder = '.', hub, supplied = {}, openData: open = openData } = options;
  const splits = await open(recipe.data, { folder, hub, supplied });
  const lower = tuned(runtime);
  const task = taskOf(splits.train);
  const pupil = (model: Model, shape: ModelShape, preprocess: InputSpec['graph']): Pupil => ({
    model,
    shape,
    preprocess,
    async score(weights, on) {
      const set = splits[on];
      const bytes = await serve({ model, weights, inputs: viewInputs(set.example), preprocess }, lower);
      return task.metrics(await ask(runtime, bytes, set), set, null);
    },
  });
  const input = inputOf(recipe.student.preprocess, splits.train);
  const shape = shapeFor(input, splits.train);
  const model = await openModel(recipe.student.model, shape, { runtime, folder, hub });
  await refuseState(model, shape);
  const { built, name } = await openRunModel(recipe.teacher as RunTeacher, { splits, runtime, folder, hub }, 'teacher');
  refuseOtherClasses({ name, offer: tapsOf(built.model, built.shape) }, splits);
  const kept = buffersOf(built.model, built.shape);
  const part = (fixed: boolean): ReadonlyMap<string, Tensor> =>
    new Map(Object.entries(built.weights).filter(([tensor, t]) => (kept.has(tensor) || t.dtype !== 'float32') === fixed));
  const preprocess = built.input.graph;
  return {
    splits,
    task,
    student: pupil(model, shape, input.graph),
    teacher: {
      ...pupil(built.model, built.shape, preprocess),
      weights: built.weights,
      learner: { model: built.model, preprocess, params: part(false), fixed: part(true) },
    },
  };
}
