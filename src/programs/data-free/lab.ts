import { resolve } from 'node:path';
import { type Dataset, subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import type { Splits } from '../../data/split.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { collect } from '../../run/collect.ts';
import { MismatchError } from '../../run/error.ts';
import { ask } from '../../run/evaluate.ts';
import type { Matrix } from '../../run/metrics.ts';
import { readStatistics } from '../../run/statistics-file.ts';
import type { Task } from '../../run/tasks/define.ts';
import { taskOf } from '../../run/tasks/of.ts';
import type { TeacherPart } from '../../run/teachers/define.ts';
import { finishedContext } from '../../run/teachers/finished.ts';
import { asFile, isComparable, type OpenedTeacher, openTeacherPart } from '../../run/teachers/open.ts';
import type { Metadata } from '../../synthesis/metadata/metadata.ts';
import type { Workshop } from '../define.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import type { Subject } from './host.ts';
import type { DataFreeOptions } from './options.ts';
import { spreadsOf, standardised } from './spreads.ts';

/** Everything that all methods share. */
export interface Lab {
  /** Its teacher is one that is there, its student standardised without a look at the data. */
  readonly recipe: Recipe;
  readonly splits: Splits;
  readonly task: Task;
  readonly teacher: TeacherPart;
  readonly opened: OpenedTeacher;
  readonly subject: Omit<Subject, 'batchSize'>;
  readonly metadata: Metadata | undefined;
  /** The few real examples that may be looked at; undefined where there are none. */
  readonly real: Dataset | undefined;
  /** What the teacher says of the real splits; null where they are empty, or it predicts other classes. */
  readonly said: Readonly<Record<'validation' | 'test', Matrix | null>>;
}

/** Opens teacher and data. @throws MismatchError where there is no teacher, or the recipe asks for real examples and there are none. */
export async function openLab(o: DataFreeOptions, workshop: Workshop): Promise<Lab> {
  const { runtime, dataFolder: folder = '.', hub } = workshop.options;
  const splits = await workshop.openData(workshop.recipe.data);
  const task = taskOf(splits.train);
  if (splits.train.size === 0 && workshop.recipe.teacher?.kind === 'train') {
    throw new MismatchError(
      'teacher: found kind train, and no data to train it on; expected a teacher that is there; take kind onnx with its file, or kind run',
    );
  }
  const named: Recipe = { ...workshop.recipe, teacher: await sharedTeacher(workshop, task) };
  const spreads = await spreadsOf(named, splits, folder);
  const recipe = standardised(named, spreads, splits.train.example);
  const context = finishedContext(recipe, splits, { runtime, folder, hub, run: null });
  const teacher = (await openTeacherPart(context))!;
  const opened = await asFile(teacher, context);
  const says = (set: Dataset): Promise<Matrix | null> =>
    set.size > 0 && isComparable(opened, splits) ? ask(runtime, opened.bytes, set, opened) : Promise.resolve(null);
  const [outputs] = opened.offer.get('logits')! as readonly number[];
  return {
    recipe,
    splits,
    task,
    teacher,
    opened,
    subject: { example: splits.train.example, outputs: outputs!, spreads },
    metadata: await statisticsOf(o, recipe, splits.train, workshop),
    real: o.real === undefined ? undefined : someOf(splits.train, o.real, recipe.data.splitSeed),
    said: { validation: await says(splits.validation), test: await says(splits.test) },
  };
}

/** Statistics of the teacher's activations: from a file, or taken here as whoever has the data takes them. */
async function statisticsOf(
  { statistics }: DataFreeOptions,
  recipe: Recipe,
  { classes }: Dataset,
  { options, note }: Workshop,
): Promise<Metadata | undefined> {
  if (statistics === undefined) return undefined;
  const { runtime, dataFolder = '.', hub } = options;
  if (statistics !== 'collect') return readStatistics(resolve(dataFolder, statistics));
  note(
    'Statistics of the teacher’s activations were collected from the train split, as its owner would; no example of it is in them.',
  );
  return collect(recipe, { runtime, dataFolder, hub, perClass: classes !== null });
}

/** The few examples that a data-free method is allowed. */
function someOf(train: Dataset, count: number, seed: number): Dataset {
  if (count > train.size) {
    throw new MismatchError(
      `program.real: found ${count}; expected at most the ${train.size} examples of the train split; take fewer, or bring data`,
    );
  }
  return subset(train, random(seed, 'data-free/real').permutation(train.size).subarray(0, count).sort());
}
