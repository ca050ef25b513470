import { planBatches } from '../../data/batches.ts';
import { type Dataset, subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { initialise } from '../../models/build.ts';
import { answering } from '../../run/answering.ts';
import { MismatchError } from '../../run/error.ts';
import { ask, labelsOf, serve, viewInputs } from '../../run/evaluate.ts';
import type { Matrix } from '../../run/metrics.ts';
import type { Tensors } from '../../run/store.ts';
import { builtPart } from '../../run/teachers/built.ts';
import { asFile, type OpenedTeacher } from '../../run/teachers/open.ts';
import { train } from '../../run/train.ts';
import type { Workplace } from '../../run/workplace.ts';
import type { Workshop } from '../define.ts';
import { type Course, objectiveOf } from './courses.ts';
import { chosen } from './exemplars.ts';
import type { Tasks } from './groups.ts';
import type { ContinualOptions } from './options.ts';
import { type Answers, answersOf } from './scores.ts';

/** What all trainings of a seed share. */
export interface Desk {
  readonly options: ContinualOptions;
  readonly workshop: Workshop;
  readonly place: Workplace;
  readonly tasks: Tasks;
  /** Examples of each class in the training set, rising. */
  readonly examples: readonly (readonly number[])[];
  readonly seed: number;
}

/** The examples of each class by its index; unlabelled ones are nowhere. */
export function byClass(set: Dataset): readonly (readonly number[])[] {
  const all: number[][] = set.classes!.map(() => []);
  labelsOf(set).forEach((label, i) => {
    all[label]?.push(i);
  });
  return all;
}

/** What a course learns from when a task comes: its own examples, and those of old classes that were kept. */
export const lessonSet = (examples: Desk['examples'], task: readonly number[], kept: readonly number[]): Uint32Array =>
  Uint32Array.from([...task.flatMap((k) => examples[k]!), ...kept]).sort();

/** What the network of a seed says before it has learnt anything. */
export const untrained = (desk: Desk): Promise<Answers> => {
  const { model, shape } = desk.place;
  const drawn = initialise(model, shape, (name) => random(desk.seed, `init/${name}`, 0));
  return measured(desk, 'untrained', Object.fromEntries(drawn), 0);
};

/** The network that has learnt the first task: where all courses begin. */
export const firstNetwork = (desk: Desk, course: Course): Promise<Tensors> =>
  learnt(desk, { ...course, key: 'first', name: 'all alike', distils: false }, 0, [], null);

/** Answers after every task, and the weights after the last one. */
export async function follow(
  desk: Desk,
  course: Course,
  first: Tensors,
): Promise<{ readonly answers: readonly Answers[]; readonly weights: Tensors }> {
  const { tasks } = desk;
  const answers: Answers[] = [];
  const kept: number[] = [];
  let weights = first;
  for (const t of tasks.keys()) {
    if (t > 0) weights = await learnt(desk, course, t, kept, weights);
    answers.push(await measured(desk, `${course.key}-task-${t + 1}`, weights, t + 1));
    kept.push(...(await keptOf(desk, course, t, weights)));
  }
  return { answers, weights };
}

async function learnt(
  { options, workshop, place, tasks, examples, seed }: Desk,
  course: Course,
  t: number,
  kept: readonly number[],
  before: Tensors | null,
): Promise<Tensors> {
  const { recipe, shared, model, student, lessons, note } = place;
  const { training } = recipe;
  const { runtime, store, emit } = shared;
  const { augment } = lessons.at(-1)!;
  const set = subset(shared.train, lessonSet(examples, tasks[t]!, kept), `task ${t + 1}`);
  workshop.progress(`task ${t + 1} of ${tasks.length}, ${course.name}`, 0, set.size);
  const objective = objectiveOf(options, tasks.slice(0, t + 1), course);
  const from = course.anew ? null : before;
  const opened = course.distils ? await asTeacher(place, before!) : null;
  const context = { recipe, runtime, store, train: set, emit, note };
  const answers = opened && (await answering(opened, ['logits'], augment, context));
  const past = course.anew ? 0 : t;
  try {
    const { weights } = await train(
      {
        role: course.distils ? 'distilled' : 'scratch',
        seed,
        model,
        input: student.shape,
        preprocess: student.graph,
        objective,
        balance: recipe.balance === 'gradient' && course.distils,
        training,
        augment,
        teacher: answers?.source ?? null,
        ...(opened && { offer: opened.offer }),
        // The last epoch counts: to choose one by the new task alone would favour forgetting.
        stage: {
          name: `${course.key}-task-${t + 1}`,
          passesOn: true,
          from,
          epochs: past * training.epochs,
          steps: past * training.epochs * planBatches(set, { batchSize: training.batchSize, dropLast: true }).steps,
        },
      },
      { ...shared, train: set, validate: null },
    );
    return weights;
  } finally {
    await answers?.close();
  }
}

const asTeacher = (place: Workplace, weights: Tensors): Promise<OpenedTeacher> => {
  const { model, shape, student: input, shared, splits, recipe, folder, hub } = place;
  return asFile(builtPart({ model, shape, input, weights }), { ...shared, validate: null, splits, recipe, folder, hub });
};

function measured({ workshop, place, tasks, seed }: Desk, name: string, weights: Tensors, seen: number): Promise<Answers> {
  const { model, student, splits, shared } = place;
  const { test } = splits;
  return workshop.remember(`seed-${seed}-${name}`, async () => {
    const inputs = viewInputs(test.example);
    const bytes = await serve({ model, weights, inputs, preprocess: student.graph }, shared.lower);
    return answersOf(await ask(shared.runtime, bytes, test), labelsOf(test), tasks, seen);
  });
}

/** Examples of the classes of a task that are kept for the later ones. */
async function keptOf(
  { options, workshop, place, tasks, examples, seed }: Desk,
  { key, keeps }: Course,
  t: number,
  weights: Tensors,
): Promise<readonly number[]> {
  if (keeps === 0 || t === tasks.length - 1) return [];
  if (keeps === Number.POSITIVE_INFINITY) return tasks[t]!.flatMap((k) => examples[k]!);
  const embeddings = (of: readonly number[]): Promise<Matrix> => embedded(place, weights, of);
  return workshop.remember(`seed-${seed}-${key}-kept-${t + 1}`, async () => {
    const kept: number[] = [];
    for (const k of tasks[t]!)
      kept.push(...(await chosen(options.choose, { of: examples[k]!, class: k, count: keeps, seed, embeddings })));
    return kept;
  });
}

async function embedded(place: Workplace, weights: Tensors, of: readonly number[]): Promise<Matrix> {
  const { runtime, train: set } = place.shared;
  const opened = await asTeacher(place, weights);
  if (!opened.offer.has('embedding')) {
    throw new MismatchError(
      `program.choose: found herding, and ${opened.name} has no tensor known as its embedding; expected one to compare examples by; take choose: random`,
    );
  }
  const file = await opened.giving(['embedding']);
  return ask(runtime, file.bytes, subset(set, Uint32Array.from(of)), { batch: file.batch, output: 'embedding' });
}
