import { planBatches } from '../data/batches.ts';
import { type Dataset, exampleShape } from '../data/dataset.ts';
import type { HubOptions } from '../data/hub/options.ts';
import { openData } from '../data/sources.ts';
import { fits } from '../graph/glob.ts';
import { nearest } from '../graph/nearest.ts';
import { showShape, sizeOf } from '../graph/type.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { collector, type Layer } from '../synthesis/metadata/collector.ts';
import { isSized, usualLayers } from '../synthesis/metadata/layers.ts';
import type { ClassesFrom, Metadata } from '../synthesis/metadata/metadata.ts';
import { MismatchError } from './error.ts';
import { labelsOf, logitsOutput } from './evaluate.ts';
import { viewInput } from './objective.ts';
import { taskOf } from './tasks/of.ts';
import { openFinishedTeacher } from './teachers/finished.ts';
import { type OpenedTeacher, refuseOtherClasses } from './teachers/open.ts';

export interface CollectOptions {
  readonly runtime: Runtime;
  /** Folder that paths of the recipe start from; the working directory by default. */
  readonly dataFolder?: string;
  /** How `hf:` names are fetched from the Hugging Face Hub; without it they are refused. */
  readonly hub?: HubOptions | undefined;
  /** Folder of a run of the recipe: where a teacher that the run trained is kept. */
  readonly run?: string | undefined;
  /** Layers by role or tensor name, * for any characters; by default hidden.*, embedding and logits as far as they are there. */
  readonly layers?: readonly string[] | undefined;
  /** Whether statistics of each class are recorded beside those of all examples; false by default. */
  readonly perClass?: boolean | undefined;
  /** Whether neighbouring layers are recorded together too, where both together are small enough; false by default. */
  readonly pairs?: boolean | undefined;
  /** Covariances are recorded of layers of at most so many numbers; 1024 by default. */
  readonly covarianceUpTo?: number | undefined;
  /** Examples that a class, or all together, must have to be recorded; 20 by default, at least 2. */
  readonly atLeast?: number | undefined;
  /** Called with what is about to be asked, before it takes its time. */
  readonly onAsk?: (what: { readonly teacher: string; readonly examples: number; readonly layers: readonly Layer[] }) => void;
}

/** A mean of fewer is too near to each of them. */
const usualAtLeast = 20;
const usualCovariance = 1024;

/**
 * Records statistics of what layers of a recipe's teacher give for the train split: what somebody without the data needs to make
 * inputs up. Trains nothing: a teacher of the kind `train` is taken from the folder of a run.
 * @throws MismatchError where there is no teacher or no such layer, SynthesisError where examples are too few, FileError where a
 * trained teacher is missing, and what opening data and models throws.
 */
export async function collect(recipe: Recipe, options: CollectOptions): Promise<Metadata> {
  const { runtime, dataFolder: folder = '.', hub, run = null, perClass = false, atLeast = usualAtLeast } = options;
  if (atLeast < 2) {
    throw new MismatchError(`--at-least: found ${atLeast}; expected at least 2, for statistics of one example are the example`);
  }
  const splits = await openData(recipe.data, { folder, hub });
  const { train } = splits;
  if (perClass && (!train.classes || train.tagged)) {
    throw new MismatchError(
      `--per-class: found data with ${taskOf(train).found}; expected a class for each example; leave --per-class out`,
    );
  }
  const teacher = await openFinishedTeacher(recipe, splits, { runtime, folder, hub, run });
  if (!teacher) {
    throw new MismatchError(
      'teacher: found none in the recipe; expected one whose activations are recorded; name its file: teacher: { kind: onnx, model: teacher.onnx }',
    );
  }
  const layers = layersOf(teacher, options.layers);
  options.onAsk?.({ teacher: teacher.name, examples: train.size, layers });
  const labels = perClass ? labelsOf(train) : null;
  const classesFrom = labels && whoseClasses(labels);
  if (classesFrom !== null && classesFrom !== 'labels') refuseOtherClasses(teacher, splits);
  const classes = perClass ? train.classes! : [];
  const into = collector({
    layers,
    pairs: options.pairs ?? false,
    classes: classes.length,
    covarianceUpTo: options.covarianceUpTo ?? usualCovariance,
    atLeast,
  });
  const names = layers.map(({ tap }) => tap);
  for await (const { rows, indices, size } of answers(teacher, runtime, train, [...new Set([...names, logitsOutput])])) {
    const logits = rows.get(logitsOutput)!;
    const data = names.map((name) => rows.get(name)!);
    for (let row = 0; row < size; row++) {
      const label = labels ? labels[indices[row]!]! : -1;
      into.add(data, row, labels && label < 0 ? largest(logits, row, classes.length) : label);
    }
  }
  return { teacher: teacher.name, data: splits.name, classes, classesFrom, atLeast, ...into.finish() };
}

function whoseClasses(labels: Int32Array): ClassesFrom {
  if (labels.every((label) => label >= 0)) return 'labels';
  return labels.some((label) => label >= 0) ? 'labels and teacher' : 'teacher';
}

function largest(logits: Float32Array, row: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (logits[row * classes + c]! > logits[row * classes + best]!) best = c;
  return best;
}

/** @throws MismatchError for names that nothing has, and for layers whose size depends on the example. */
function layersOf({ name, offer }: OpenedTeacher, asked: readonly string[] | undefined): readonly Layer[] {
  const chosen = asked?.flatMap((pattern) => {
    const found = pattern.includes('*')
      ? [...offer].flatMap(([tap, shape]) => (fits(tap, pattern) && isSized(shape) ? [tap] : []))
      : [pattern];
    if (found.length > 0 && found.every((tap) => offer.has(tap))) return found;
    throw new MismatchError(
      `--layers: ${name} has no layer '${pattern}'; expected a role or the name of a tensor, such as ${nearest(pattern, offer.keys()).join(', ')}`,
    );
  });
  return [...new Set(chosen ?? usualLayers(offer))].map((tap) => {
    const shape = offer.get(tap)!;
    if (isSized(shape)) return { tap, shape };
    throw new MismatchError(
      `--layers: ${tap} of ${name} gives ${showShape(shape)} for an example; expected as many numbers for each example; take another layer, such as embedding`,
    );
  });
}

/** What a teacher gave for some examples: by tap, example after example. */
interface Answered {
  readonly rows: ReadonlyMap<string, Float32Array>;
  readonly indices: Uint32Array;
  /** Rows that hold examples. */
  readonly size: number;
}

/** Examples at a time where the model takes any number. */
const usualBatch = 128;

async function* answers(
  teacher: OpenedTeacher,
  runtime: Runtime,
  dataset: Dataset,
  taps: readonly string[],
): AsyncGenerator<Answered, void, undefined> {
  const { bytes, batch: fixed } = await teacher.giving(taps);
  const session = await runtime.open(bytes);
  try {
    const plan = planBatches(dataset, { batchSize: fixed ?? usualBatch, ...(fixed !== null && { lengths: [] }) });
    for (const { x, indices, size, length } of plan.epoch(0)) {
      const shape = [fixed ?? size, ...exampleShape(dataset.example, length)];
      const view = { dtype: 'float32' as const, shape, data: x.slice(0, sizeOf(shape)) };
      const found = await session.run({ [viewInput]: view }, taps);
      yield { rows: new Map(taps.map((tap) => [tap, found[tap]!.data as Float32Array])), indices, size };
    }
  } finally {
    await session.release();
  }
}
