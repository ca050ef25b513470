import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { isCacheable, prepareAugmentations } from '../data/augmentations.ts';
import { fingerprint } from '../data/content.ts';
import { targetSize } from '../data/dataset.ts';
import type { Source } from '../data/source.ts';
import { openData } from '../data/sources.ts';
import type { Splits } from '../data/split.ts';
import type { LossOptions } from '../methods/index.ts';
import { createModel } from '../models/architectures/list.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { cachedTeacher } from '../teachers/cache.ts';
import type { Teacher } from '../teachers/define.ts';
import { sessionTeacher } from '../teachers/session.ts';
import { conclude } from './conclude.ts';
import { ask, logitsOutput, serve, taskOf } from './evaluate.ts';
import type { Emit } from './events.ts';
import { type InputSpec, inputOf } from './input.ts';
import { type Lower, tuned } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import type { RunRecord } from './record.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { viewInput } from './step.ts';
import { ensureWritable, openStore, type RunStore, type Tensors } from './store.ts';
import { checkTeacher, type OpenedTeacher, openTeacher } from './teacher.ts';
import { type Job, type TrainContext, type Trained, train } from './train.ts';

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

/** What the parts of a run share once data and teacher are open. */
export interface Opened {
  readonly recipe: Recipe;
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly splits: Splits;
  readonly teacher: OpenedTeacher | null;
  readonly student: InputSpec;
  readonly lower: Lower;
  readonly notes: string[];
}

/** One seed's pair of students. */
export interface Pair {
  readonly seed: number;
  readonly scratch: Trained | null;
  readonly distilled: Trained;
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
    data: { name: splits.train.name, train: splits.train.size, validation: splits.validation.size, test: splits.test.size },
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
      const scratch: Job = { ...job, role: 'scratch', losses: hardLosses(recipe.losses, task.name), teacher: null };
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

/** The losses of the scratch control: what the recipe asks of labels, or plain labels with weight 1. */
function hardLosses(losses: readonly LossOptions[], task: 'classification' | 'regression'): readonly LossOptions[] {
  return scratchLosses[task](losses);
}

const scratchLosses: Readonly<
  Record<'classification' | 'regression', (losses: readonly LossOptions[]) => readonly LossOptions[]>
> = {
  classification: (losses) => {
    const own = losses.find((l) => l.kind === 'labels');
    return [{ kind: 'labels', smoothing: 0, ...own, weight: 1 } as LossOptions];
  },
  regression: (losses) => {
    const own = losses.find((l) => l.kind === 'regression');
    return [{ kind: 'regression', form: 'mse', ...own, weight: 1 } as LossOptions];
  },
};

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

interface Answering {
  readonly recipe: Recipe;
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly splits: Splits;
  readonly emit: Emit;
  readonly cacheable: boolean;
}

/** The teacher as training asks it: from recorded outputs where the view never changes, else live. */
async function answering(
  opened: OpenedTeacher,
  { recipe, runtime, store, splits, emit, cacheable }: Answering,
): Promise<{ readonly source: Teacher; close(): Promise<void> }> {
  const { train } = splits;
  if (recipe.cacheTeacher && cacheable) {
    const key = createHash('sha256').update(opened.bytes).update(fingerprint(train)).digest('hex').slice(0, 32);
    const name = `teacher-outputs/${key}.safetensors`;
    const path = store.path(name);
    if (existsSync(path)) return { source: cachedTeacher(readSafetensors(await readFile(path), path)), close: async () => {} };
    emit({ type: 'progress', what: 'asking the teacher', done: 0, total: train.size });
    const { data, rows, width } = await ask(runtime, opened.bytes, train, opened);
    const recorded: Tensors = { [logitsOutput]: { dtype: 'float32', shape: [rows, width], data } };
    await store.write(name, writeSafetensors(recorded));
    emit({ type: 'progress', what: 'asking the teacher', done: train.size, total: train.size });
    return { source: cachedTeacher(recorded), close: async () => {} };
  }
  const session = await runtime.open(opened.bytes);
  const source = sessionTeacher({
    session,
    input: viewInput,
    example: train.example.shape,
    outputs: opened.outputs,
    batch: opened.batch,
  });
  return { source, close: () => session.release() };
}
