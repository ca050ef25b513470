import { lossSchema } from '../../methods/index.ts';
import { tapsOf } from '../../models/build.ts';
import type { ImportedOptions } from '../../models/imported-options.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { MismatchError } from '../error.ts';
import { inputOf, shapeFor } from '../input.ts';
import { lessonsOf } from '../lesson.ts';
import { checkLessons } from '../lessons.ts';
import { shapeIn } from '../specs.ts';
import { trainStudent } from '../student.ts';
import { openModel } from '../student-model.ts';
import { taskOf } from '../tasks/of.ts';
import { builtPart } from './built.ts';
import type { OpenPart, TeacherPart } from './define.ts';
import { encoderOf } from './encoder.ts';

type TrainOptions = Extract<TeacherOptions, { kind: 'train' }>;

/** A model that this run trains first. */
export const openTrained: OpenPart<TrainOptions> = async (options, context, path) => {
  const { splits, recipe } = context;
  if (splits.train.size === 0) {
    throw new MismatchError(
      `${path}: found a teacher to be trained, and no examples to train it on; expected one that is finished; name its file: teacher: { kind: onnx, model: teacher.onnx }`,
    );
  }
  const input = inputOf(options.preprocess, splits.train);
  const shape = shapeFor(input, splits.train);
  const model = await openModel(options.model, shape, { ...context, where: path });
  const { stages, training } = options;
  const task = taskOf(splits.train);
  const hard = task.hardLoss?.(options.smoothing);
  const all = lessonsOf({ stages, losses: hard ? [lossSchema.parse(hard)] : [], training }, splits.train, 'teacher.');
  // Without labels its stages are all that it learns.
  const lessons = hard ? all : all.slice(0, -1);
  if (lessons.length === 0) {
    throw new MismatchError(
      `${path}: found a teacher to be trained, and data with ${task.found}; expected something that it can learn; give it stages (hidden words: masked-language), or take a teacher from a file`,
    );
  }
  checkLessons(lessons, {
    offerOf: ({ augment }) => ({ student: tapsOf(model, shapeIn(shape, augment)), teacher: new Map() }),
    task,
  });
  const result = await trainStudent(
    {
      role: 'teacher',
      seed: options.seed ?? recipe.seeds[0]!,
      model,
      input: input.shape,
      preprocess: input.graph,
    },
    lessons.map((lesson) => ({ ...lesson, teacher: null })),
    context,
  );
  const part = builtPart({ model, shape, input, weights: result.weights, guessing: result.guessing });
  const encoder: TeacherPart['encoder'] = async (view) => {
    const bytes = model.file?.(new Map(Object.entries(part.weights!(view))));
    const { logits, inputs } = options.model as Partial<ImportedOptions>;
    const { vocabulary } = shape;
    return bytes
      ? encoderOf(
          { source: model.name, bytes },
          { engine: context.runtime, example: shape.input, vocabulary, logits, inputs, where: path },
        )
      : undefined;
  };
  return {
    ...part,
    ...(model.file && { encoder }),
    options: options.model,
    bestEpoch: result.bestEpoch,
    seconds: result.seconds,
  };
};
