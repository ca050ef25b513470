import { prepareAugmentations } from '../../data/augmentations.ts';
import { targetSize } from '../../data/dataset.ts';
import { lossSchema } from '../../methods/index.ts';
import { createModel } from '../../models/architectures/list.ts';
import { buildModel, countParameters, tapsOf } from '../../models/build.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { taskOf } from '../evaluate.ts';
import { inputOf } from '../input.ts';
import { train } from '../train.ts';
import type { OpenPart } from './define.ts';

type TrainOptions = Extract<TeacherOptions, { kind: 'train' }>;

/** A model that this run trains first. */
export const openTrained: OpenPart<TrainOptions> = async (options, context) => {
  const { splits, recipe } = context;
  const input = inputOf(options.preprocess, splits.train);
  const shape = { input: input.shape, outputs: targetSize(splits.train) };
  const model = createModel(options.model, shape);
  const result = await train(
    {
      role: 'teacher',
      seed: options.seed ?? recipe.seeds[0]!,
      model,
      input: input.shape,
      preprocess: input.graph,
      objective: { losses: [lossSchema.parse(taskOf(splits.train).hardLoss(options.smoothing))] },
      training: options.training,
      teacher: null,
    },
    { ...context, augment: prepareAugmentations(options.training.augment, splits.train.example) },
  );
  const weights = new Map(Object.entries(result.weights));
  return {
    name: model.name,
    offer: tapsOf(model, shape),
    fixedBatch: false,
    async build(graph, view, taps) {
      const built = buildModel(model, graph, input.graph(view), { training: false, source: weights });
      return new Map(taps.map((tap) => [tap, built.taps.get(tap)!]));
    },
    parameters: countParameters(model, shape),
    size: Object.values(result.weights).reduce((n, t) => n + t.data.byteLength, 0),
    members: 1,
    bestEpoch: result.bestEpoch,
    seconds: result.seconds,
  };
};
