import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import type { Dataset } from '../data/dataset.ts';
import type { HubOptions } from '../data/hub/options.ts';
import type { Source } from '../data/source.ts';
import { openData } from '../data/sources.ts';
import type { Splits } from '../data/split.ts';
import type { Shape } from '../graph/type.ts';
import { tapsOf } from '../models/build.ts';
import type { Model, ModelShape } from '../models/define.ts';
import type { Recipe, Settled } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import type { Machine } from './conclude.ts';
import { ask, serve, viewInputs } from './evaluate.ts';
import type { Emit } from './events.ts';
import { type InputSpec, inputOf, shapeFor } from './input.ts';
import type { Job } from './job.ts';
import { lessonsOf, type UntaughtLesson } from './lesson.ts';
import { tuned } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import { settled } from './scratch.ts';
import { ensureWritable, openStore, type RunStore, type Tensors } from './store.ts';
import { openModel } from './student-model.ts';
import type { Task } from './tasks/define.ts';
import { taskOf } from './tasks/of.ts';
import type { OpenedTeacher } from './teachers/open.ts';
import type { TrainContext } from './train.ts';
import { refuseWithoutExamples } from './without-examples.ts';

export interface RunOptions {
  /** Where everything is written. */
  readonly directory: string;
  readonly emit?: Emit | undefined;
  /** Aborting saves a checkpoint and throws StoppedError. */
  readonly signal?: AbortSignal | undefined;
  /** Go on with the unfinished run in the directory. */
  readonly resume?: boolean | undefined;
  /** Replace the run in the directory. */
  readonly force?: boolean | undefined;
  /** Folder that paths of the recipe start from; the working directory by default. */
  readonly dataFolder?: string | undefined;
  /** Data from code, by name. */
  readonly supplied?: Readonly<Record<string, Source>> | undefined;
  /** How \`hf:\` names are fetched from the Hugging Face Hub; without it they are refused. */
  readonly hub?: HubOptions | undefined;
  /** How data is opened; who runs several recipes keeps what is open. */
  readonly openData?: typeof openData | undefined;
  /** Tensors that every seed's student starts from, by its names, instead of what the recipe says; called once. */
  readonly start?: (() => Promise<Tensors>) | undefined;
  /** Time for each measurement of speed, about; a second unless told. */
  readonly milliseconds?: number | undefined;
  readonly runtime: Runtime;
}

export interface WorkplaceOptions extends RunOptions {
  /** Whether data without examples will do, since they are made up. */
  readonly withoutExamples?: boolean | undefined;
}

/** The data of a recipe, the model of its student and a run directory, open and fitting each other: all that trainings share. */
export interface Workplace {
  readonly recipe: Settled;
  readonly splits: Splits;
  readonly task: Task;
  /** How the student gets its input from the view. */
  readonly student: InputSpec;
  /** Sizes of the data as the student sees it. */
  readonly shape: ModelShape;
  readonly model: Model;
  /** The trainings of the student that the recipe asks for. */
  readonly lessons: readonly UntaughtLesson[];
  readonly store: RunStore;
  readonly shared: Omit<TrainContext, 'validate'>;
  readonly folder: string;
  readonly hub: HubOptions | undefined;
  /** What a reader should know, each said once. */
  readonly notes: string[];
  readonly note: (text: string) => void;
}

/**
 * Opens what a recipe names but for its teacher, and the directory to write to.
 * @throws RecipeError, DataError, ModelError, MismatchError (the user's), FileError (the machine's).
 */
export async function openWorkplace(given: Recipe, options: WorkplaceOptions): Promise<Workplace> {
  const { directory, runtime, emit = () => {}, signal = new AbortController().signal } = options;
  const { dataFolder: folder = '.', hub, supplied = {}, openData: open = openData } = options;
  const splits = await open(given.data, { folder, hub, supplied });
  if (!options.withoutExamples) refuseWithoutExamples(splits);
  const task = taskOf(splits.train);
  const recipe = settled(given, task);
  const student = inputOf(recipe.student.preprocess, splits.train);
  const shape = shapeFor(student, splits.train, ownSize(recipe));
  const model = task.student(await openModel(recipe.student.model, shape, { runtime, folder, hub }));
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
  return { recipe, splits, task, student, shape, model, lessons, store, shared, folder, hub, notes, note };
}

/** Metrics of weights on a validation set, as the file that would be exported gives it; null where the set is empty. */
export function validator(
  { runtime, lower }: Pick<TrainContext, 'runtime' | 'lower'>,
  validation: Dataset,
  teacher: Matrix | null,
): TrainContext['validate'] {
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

/** Numbers of the student's vector for data without labels; 0: as many as its head reads. */
const ownSize = ({ student: { embedding } }: Pick<Settled, 'student'>): number => (typeof embedding === 'number' ? embedding : 0);

/** What of a workplace waits for the teacher: how large a vector is that imitates the teacher's, and how the two are compared. */
export async function withTeacher(
  workplace: Workplace,
  teacher: OpenedTeacher | null,
): Promise<Pick<Workplace, 'model' | 'shape' | 'task'>> {
  const { task, recipe, folder, hub, shared } = workplace;
  if (!teacher || !task.between) return workplace;
  const widthOf = (taps: ReadonlyMap<string, Shape>): number => taps.get('logits')!.at(-1) as number;
  const theirs = widthOf(teacher.offer);
  const settle = async ({ model, shape }: Pick<Workplace, 'model' | 'shape'>): Promise<Pick<Workplace, 'model' | 'shape'>> => {
    const fits = widthOf(tapsOf(model, shape)) === theirs || (recipe.student.embedding ?? 'teacher') !== 'teacher';
    if (fits) return { model, shape };
    const wider = { ...shape, outputs: theirs };
    return { model: task.student(await openModel(recipe.student.model, wider, { ...shared, folder, hub })), shape: wider };
  };
  const { model, shape } = await settle(workplace);
  return { model, shape, task: task.between({ student: widthOf(tapsOf(model, shape)), teacher: theirs }) };
}

const cpu = (): string => cpus()[0]?.model ?? 'unknown processor';

/** The machine, as results name it. */
export const machine = (): Machine => ({ cpu: cpu(), node: process.version, platform: `${process.platform} ${process.arch}` });
