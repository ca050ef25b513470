import { targetSize, vocabularyOf } from '../../data/dataset.ts';
import type { Shape } from '../../graph/type.ts';
import { lossSchema } from '../../methods/index.ts';
import { createModel } from '../../models/architectures/list.ts';
import { buildModel, countParameters, tapsOf } from '../../models/build.ts';
import { isGuessed, withGuesses } from '../../models/tokens.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { taskOf } from '../evaluate.ts';
import { inputOf } from '../input.ts';
import { lessonsOf } from '../lesson.ts';
import { checkLessons } from '../lessons.ts';
import { shapeIn } from '../specs.ts';
import type { Tensors } from '../store.ts';
import { trainStudent } from '../student.ts';
import type { OpenPart } from './define.ts';

type TrainOptions = Extract<TeacherOptions, { kind: 'train' }>;

/** A model that this run trains first. */
export const openTrained: OpenPart<TrainOptions> = async (options, context) => {
  const { splits, recipe } = context;
  const input = inputOf(options.preprocess, splits.train);
  const shape = { input: input.shape, outputs: targetSize(splits.train), ...vocabularyOf(splits.train.example) };
  const model = createModel(options.model, shape);
  const { stages, training } = options;
  const losses = [lossSchema.parse(taskOf(splits.train).hardLoss(options.smoothing))];
  const lessons = lessonsOf({ stages, losses, training }, splits.train, 'teacher.');
  checkLessons(lessons, {
    offerOf: ({ augment }) => ({ student: tapsOf(model, shapeIn(shape, augment)), teacher: new Map() }),
    task: taskOf(splits.train).name,
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
  const offer = tapsOf(model, shape);
  const guesses = result.guessing && tapsOf(model, { ...shape, input: withGuesses(input.shape) });
  const weights = (view: Shape): Tensors => (guesses && isGuessed(view) ? result.guessing! : result.weights);
  return {
    name: model.name,
    offer,
    ...(guesses && { guesses }),
    fixedBatch: false,
    weights,
    options: options.model,
    async build(graph, view, taps) {
      const source = new Map(Object.entries(weights(view.shape)));
      const built = buildModel(model, graph, input.graph(view), { training: false, source });
      return new Map(taps.map((tap) => [tap, built.taps.get(tap)!]));
    },
    parameters: countParameters(model, shape),
    size: Object.values(result.weights).reduce((n, t) => n + t.data.byteLength, 0),
    members: 1,
    bestEpoch: result.bestEpoch,
    seconds: result.seconds,
  };
};
