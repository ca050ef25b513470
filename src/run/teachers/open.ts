import { basename, resolve } from 'node:path';
import { prepareAugmentations } from '../data/augmentations.ts';
import { type Dataset, targetSize } from '../data/dataset.ts';
import { loadModelFile } from '../data/model-file.ts';
import { preprocessedShape } from '../data/preprocess.ts';
import type { Splits } from '../data/split.ts';
import type { Graph } from '../graph/graph.ts';
import { type Shape, showShape } from '../graph/type.ts';
import { lossSchema } from '../methods/index.ts';
import { createModel } from '../models/architectures/list.ts';
import { countParameters } from '../models/build.ts';
import { importModel } from '../models/import.ts';
import { preprocessGraph } from '../models/preprocess.ts';
import { encode } from '../onnx/encode.ts';
import { countMacs } from '../passes/macs.ts';
import type { Recipe, TeacherOptions } from '../recipe/recipe.ts';
import { teacherGraph } from '../teachers/onnx.ts';
import { MismatchError } from './error.ts';
import { logitsOutput, serve, taskOf } from './evaluate.ts';
import { inputOf } from './input.ts';
import { viewInput } from './step.ts';
import { type TrainContext, train } from './train.ts';

/** A teacher as one ONNX model on the common view, its preprocessing inside. */
export interface OpenedTeacher {
  readonly name: string;
  /** Input `view`, output `logits`. */
  readonly bytes: Uint8Array;
  /** The batch that `bytes` insists on; null: any. */
  readonly batch: number | null;
  /** The same model for a batch of this size. */
  readonly at: (batch: number) => Promise<Uint8Array>;
  /** Shape of one example's part of each output. */
  readonly outputs: ReadonlyMap<string, Shape>;
  readonly parameters: number;
  readonly macs: number;
  /** Bytes of the user's file, or of the trained model's. */
  readonly size: number;
  /** Null where the teacher was brought. */
  readonly bestEpoch: number | null;
  readonly seconds: number;
}

export interface TeacherContext extends Omit<TrainContext, 'augment'> {
  readonly splits: Splits;
  /** Folder that paths start from. */
  readonly folder: string;
}

type Open<K extends TeacherOptions['kind']> = (
  options: Extract<TeacherOptions, { kind: K }>,
  context: TeacherContext,
  recipe: Recipe,
) => Promise<OpenedTeacher>;

/** Opens, or first trains, the teacher of a recipe; null where there is none. */
export async function openTeacher(recipe: Recipe, context: TeacherContext): Promise<OpenedTeacher | null> {
  const { teacher } = recipe;
  if (!teacher) return null;
  return (kinds[teacher.kind] as Open<TeacherOptions['kind']>)(teacher as never, context, recipe);
}

/** A model file of the user's. */
const onnx: Open<'onnx'> = async (options, context, recipe) => {
  const { splits, folder, runtime, lower } = context;
  const { example } = splits.train;
  const model = await importModel(loadModelFile(resolve(folder, options.model)), runtime, { open: true });
  const graphFor = (batch: number): Promise<Graph> =>
    teacherGraph(model, {
      batch,
      input: viewInput,
      output: logitsOutput,
      example: example.shape,
      preprocess: (view) => preprocessGraph(view, options.preprocess),
      preprocessed: preprocessedShape(options.preprocess, example),
      logits: options.logits,
      probabilities: options.probabilities,
    });
  const at = async (size: number): Promise<Uint8Array> => encode(await lower(await graphFor(size)));
  const batch = recipe.training.batchSize;
  const one = await graphFor(1);
  return {
    name: basename(options.model),
    bytes: await at(batch),
    batch,
    at,
    outputs: new Map([[logitsOutput, one.outputs.get(logitsOutput)!.shape.slice(1)]]),
    parameters: model.parameterCount,
    macs: countMacs(one).total,
    size: model.bytes,
    bestEpoch: null,
    seconds: 0,
  };
};

/** A model that this run trains first, with the first seed. */
const trained: Open<'train'> = async (options, context, recipe) => {
  const { splits, lower } = context;
  const input = inputOf(options.preprocess, splits.train);
  const shape = { input: input.shape, outputs: targetSize(splits.train) };
  const model = createModel(options.model, shape);
  const result = await train(
    {
      role: 'teacher',
      seed: recipe.seeds[0]!,
      model,
      preprocess: input.graph,
      losses: [lossSchema.parse(taskOf(splits.train).hardLoss(options.smoothing))],
      training: options.training,
      teacher: null,
    },
    { ...context, augment: prepareAugmentations(options.training.augment, splits.train.example) },
  );
  const served = await serve(
    {
      model,
      weights: result.weights,
      input: { name: viewInput, shape: ['N', ...splits.train.example.shape] },
      preprocess: input.graph,
    },
    lower,
  );
  return {
    name: model.name,
    bytes: served.bytes,
    batch: null,
    at: async () => served.bytes,
    outputs: new Map([[logitsOutput, [shape.outputs]]]),
    parameters: countParameters(model, shape),
    macs: served.macs,
    size: served.bytes.length,
    bestEpoch: result.bestEpoch,
    seconds: result.seconds,
  };
};

const kinds: { readonly [K in TeacherOptions['kind']]: Open<K> } = { onnx, train: trained };

/** @throws MismatchError if the teacher's outputs are not those of the data. */
export function checkTeacher({ name, outputs }: OpenedTeacher, { train }: Splits): void {
  const found = outputs.get(logitsOutput)!;
  const width = targetSize(train);
  if (found.length === 1 && found[0] === width) return;
  throw new MismatchError(
    `teacher: ${name} gives ${showShape(found)} for an example, and the data has ${width} ${what(train)}; expected one number for each; ` +
      'take a teacher of these classes, or name another output with teacher.logits',
  );
}

const what = ({ classes }: Dataset): string => (classes ? 'classes' : 'targets');
