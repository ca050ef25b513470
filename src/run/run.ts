import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { isCacheable, prepareAugmentations } from '../data/augmentations.ts';
import { targetSize } from '../data/dataset.ts';
import type { Source } from '../data/source.ts';
import { openData } from '../data/sources.ts';
import type { Splits } from '../data/split.ts';
import { createModel } from '../models/architectures/list.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { answering } from './answering.ts';
import { conclude } from './conclude.ts';
import { ask, serve, taskOf } from './evaluate.ts';
import type { Emit } from './events.ts';
import { inputOf } from './input.ts';
import { type Lower, tuned } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import type { Pair } from './opened.ts';
import type { RunRecord } from './record.ts';
import { scratchLosses } from './scratch.ts';
import { viewInput } from './step.ts';
import { ensureWritable, openStore, type Tensors } from './store.ts';
import { checkTeacher, openTeacher } from './teacher.ts';
import { type Job, type TrainContext, train } from './train.ts';

export interface RunOptions {
  /** Where everything is written. */
  readonly directory: string;
  readonly emit?: Emit;
  /** Aborting saves a checkpoint and throws StoppedError. */
  readonly signal?: AbortSignal;
  /** Go on with the unfinished run in the directory. */
  readonly resume?: boolean;
  /** Replace the run in the directory. */
  readonly force?: boolean;
  /** Folder that paths of the recipe start from; the working directory by default. */
  readonly dataFolder?: string;
  /** Data from code, by name. */
  readonly supplied?: Readonly<Record<string, Source>>;
  readonly runtime: Runtime;
}

/**
 * Runs a recipe: teacher, controls and student, for every seed, and writes all of it but the report into the directory.
 * @throws RecipeError, DataError, ModelError, MismatchError, DivergedError (the user's), FileError, RuntimeError (the machine's), StoppedError.
 */
export async function runRecipe(recipe: Recipe, options: RunOptions): Promise<RunRecord> {
  const { directory, runtime, emit = () => {}, signal = new AbortController().signal } = options;
  const splits = await openData(recipe.data, { folder: options.dataFolder ?? '.', supplied: options.supplied ?? {} });
  const augment = prepareAugmentations(recipe.training.augment, splits.train.example);
  const student = inputOf(recipe.student.preprocess, splits.train);
  const model = createModel(recipe.student.model, { input: student.shape, outputs: targetSize(splits.train) });

  await ensureWritable(directory);
  const store = await openStore(directory, {
    recipe: stringify(recipe),
    resume: options.resume ?? false,
    force: options.force ?? false,
  });
  emit({
    type: 'start',
    name: recipe.name,
    directory,
    resumed: store.resumed,
    data: { name: splits.name, train: splits.train.size, validation: splits.validation.size, test: splits.test.size },
  });
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    emit({ type: 'note', text });
  };
  for (const text of splits.notes) note(text);

  const lower = tuned(runtime, await store.choices(`${cpu()} x${runtime.threads} ${runtime.provider} ${runtime.version}`));
  const task = taskOf(splits.train);
  const shared = {
    runtime,
    store,
    emit,
    signal,
    lower,
    train: splits.train,
    headline: task.headline,
    clock: () => performance.now(),
  };
  const opened = await openTeacher(recipe, {
    ...shared,
    splits,
    folder: options.dataFolder ?? '.',
    validate: validator({ runtime, splits, lower, teacher: null }),
  });
  if (opened) checkTeacher(opened, splits);
  const onValidation = splits.validation.size > 0 && opened ? await ask(runtime, opened.bytes, splits.validation, opened) : null;
  const context: TrainContext = { ...shared, augment, validate: validator({ runtime, splits, lower, teacher: onValidation }) };
  const teacher = opened && (await answering(opened, { recipe, runtime, store, splits, emit, cacheable: isCacheable(augment) }));
  if (opened && recipe.cacheTeacher && !isCacheable(augment)) {
    note('The view of an example changes from epoch to epoch, so the teacher is asked in every step.');
  }

  const pairs: Pair[] = [];
  try {
    for (const seed of recipe.seeds) {
      const job = { seed, model, preprocess: student.graph, training: recipe.training };
      const distilled: Job = { ...job, role: 'distilled', losses: [...recipe.losses], teacher: teacher?.source ?? null };
      const scratch: Job = { ...job, role: 'scratch', losses: scratchLosses(task, recipe.losses), teacher: null };
      pairs.push({
        seed,
        scratch: recipe.controls.scratch && opened ? await train(scratch, context) : null,
        distilled: await train(distilled, context),
      });
    }
  } finally {
    await teacher?.close();
  }
  const record = await conclude({ recipe, runtime, store, splits, teacher: opened, student, lower, notes }, model, pairs, {
    cpu: cpu(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  });
  emit({ type: 'done', directory, results: record.results });
  return record;
}

const cpu = (): string => cpus()[0]?.model ?? 'unknown processor';

interface Validator {
  readonly runtime: Runtime;
  readonly splits: Splits;
  readonly lower: Lower;
  readonly teacher: Matrix | null;
}

/** Measures weights on the validation split, as the file that would be exported gives it. */
function validator({ runtime, splits, lower, teacher }: Validator): TrainContext['validate'] {
  const { validation } = splits;
  if (validation.size === 0) return null;
  const task = taskOf(validation);
  return async (job: Job, weights: Tensors) => {
    const { bytes } = await serve(
      {
        model: job.model,
        weights,
        input: { name: viewInput, shape: ['N', ...validation.example.shape] },
        preprocess: job.preprocess,
      },
      lower,
    );
    return task.metrics(await ask(runtime, bytes, validation), validation, job.role === 'teacher' ? null : teacher);
  };
}
