import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { addedRows } from '../data/augmentations.ts';
import { targetSize, vocabularyOf } from '../data/dataset.ts';
import type { HubOptions } from '../data/hub/options.ts';
import type { Source } from '../data/source.ts';
import { openData } from '../data/sources.ts';
import type { Splits } from '../data/split.ts';
import type { Offer } from '../methods/define.ts';
import { tapsOf } from '../models/build.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import { openAnswers } from './answering.ts';
import { conclude } from './conclude.ts';
import { MismatchError } from './error.ts';
import { ask, serve, taskOf, viewInputs } from './evaluate.ts';
import type { Emit } from './events.ts';
import type { Subject } from './initialise/define.ts';
import { startOf } from './initialise/list.ts';
import { inputOf } from './input.ts';
import type { Job } from './job.ts';
import { type Lesson, lessonsOf, type UntaughtLesson } from './lesson.ts';
import { checkLessons } from './lessons.ts';
import { type Lower, tuned } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import type { Pair } from './opened.ts';
import type { RunRecord } from './record.ts';
import { distils, scratchObjective, settled } from './scratch.ts';
import { silentTerms } from './silent.ts';
import { shapeIn } from './specs.ts';
import { ensureWritable, openStore, type Tensors } from './store.ts';
import { trainStudent } from './student.ts';
import { openModel } from './student-model.ts';
import { checkTeacher, isComparable, type OpenedTeacher, openTeacher } from './teachers/open.ts';
import { type TrainContext, train } from './train.ts';
import { otherTokenizers } from './vocabularies.ts';

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
  /** How \`hf:\` names are fetched from the Hugging Face Hub; without it they are refused. */
  readonly hub?: HubOptions | undefined;
  readonly runtime: Runtime;
}

/**
 * Runs a recipe: teacher, controls and student, for every seed, and writes all of it but the report into the directory.
 * @throws RecipeError, DataError, ModelError, MismatchError, DivergedError (the user's), FileError, RuntimeError (the machine's), StoppedError.
 */
export async function runRecipe(given: Recipe, options: RunOptions): Promise<RunRecord> {
  const { directory, runtime, emit = () => {}, signal = new AbortController().signal } = options;
  const { dataFolder: folder = '.', hub, supplied = {} } = options;
  const splits = await openData(given.data, { folder, hub, supplied });
  const task = taskOf(splits.train);
  const recipe = settled(given, task);
  const student = inputOf(recipe.student.preprocess, splits.train);
  const shape = { input: student.shape, outputs: targetSize(splits.train), ...vocabularyOf(splits.train.example) };
  const model = await openModel(recipe.student.model, shape, { runtime, folder, hub });

  const lessons = lessonsOf(recipe, splits.train);

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
    if (notes.includes(text)) return;
    notes.push(text);
    emit({ type: 'note', text });
  };
  for (const text of splits.notes) note(text);

  const lower = tuned(runtime, await store.choices(`${cpu()} x${runtime.threads} ${runtime.provider} ${runtime.version}`));
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
  const opened = await openTeacher({
    ...shared,
    splits,
    recipe,
    folder,
    hub,
    validate: validator({ runtime, splits, lower, teacher: null }),
  });
  const offerOf = ({ augment }: UntaughtLesson): Offer => ({
    student: tapsOf(model, shapeIn(shape, augment)),
    teacher: new Map([...(opened?.offer ?? []), ...(addedRows(augment) > 0 ? (opened?.guesses ?? []) : [])]),
  });
  checkLessons(lessons, { teacher: opened?.name, offerOf, task: task.name });
  for (const lesson of opened ? lessons : []) checkTeacher(opened!, splits, lesson.objective, offerOf(lesson));
  for (const text of otherTokenizers(splits.train, { student: model.vocabulary, teacher: opened?.vocabulary })) note(text);
  if (opened && !isComparable(opened, splits))
    note('The teacher predicts other classes than the data has: its own score and the agreement with it are not measured.');
  const onValidation =
    splits.validation.size > 0 && opened && isComparable(opened, splits)
      ? await ask(runtime, opened.bytes, splits.validation, opened)
      : null;
  const context: TrainContext = { ...shared, validate: validator({ runtime, splits, lower, teacher: onValidation }) };

  const pairs: Pair[] = [];
  const answers = openAnswers(opened, offerOf, {
    recipe,
    runtime,
    store,
    train: splits.train,
    emit,
    note,
  });
  try {
    const taught: Lesson[] = [];
    for (const lesson of lessons)
      taught.push({ ...lesson, teacher: (await answers.to(lesson))?.source ?? null, offer: offerOf(lesson).teacher });
    const start = await startFor(recipe.student, opened, {
      shape,
      first: shapeIn(shape, lessons[0]!.augment).input,
      train: splits.train,
      runtime,
    });
    for (const seed of recipe.seeds) {
      const job = { seed, model, input: student.shape, preprocess: student.graph };
      const scratch: Job = {
        ...job,
        role: 'scratch',
        objective: scratchObjective(task, recipe.losses),
        training: { ...recipe.training, epochs: lessons.reduce((n, l) => n + l.training.epochs, 0) },
        augment: lessons.at(-1)!.augment,
        teacher: null,
      };
      const distilled = { ...job, role: 'distilled', balance: recipe.balance === 'gradient' } as const;
      const isControlled = recipe.controls.scratch && distils(task, recipe);
      pairs.push({
        seed,
        scratch: isControlled ? await train(scratch, context) : null,
        distilled: await trainStudent(distilled, taught, context, start),
      });
    }
  } finally {
    await answers.close();
  }
  for (const text of silentTerms(await store.history())) note(text);
  const record = await conclude({ recipe, runtime, store, splits, teacher: opened, student, lower, notes }, model, pairs, {
    cpu: cpu(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  });
  emit({ type: 'done', directory, results: record.results });
  return record;
}

/** The tensors that every seed's student starts with; null where chance decides alone. */
async function startFor(
  { model, initialise }: Recipe['student'],
  teacher: OpenedTeacher | null,
  facts: Omit<Subject, 'teacher' | 'student'>,
): Promise<Tensors | null> {
  if (!initialise) return null;
  if (teacher) return startOf(initialise, { ...facts, teacher, student: model });
  throw new MismatchError('student.initialise: found no teacher; expected one to start from; add a teacher, or take it out');
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
    const bytes = await serve(
      { model: job.model, weights, inputs: viewInputs(validation.example), preprocess: job.preprocess },
      lower,
    );
    return task.metrics(await ask(runtime, bytes, validation), validation, job.role === 'teacher' ? null : teacher);
  };
}
