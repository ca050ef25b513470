import type { Dataset } from '../../data/dataset.ts';
import type { Splits } from '../../data/split.ts';
import type { LossOptions } from '../../methods/index.ts';
import { fromShorthand, shorthandSchema } from '../../methods/shorthand.ts';
import type { Recipe, TeacherOptions } from '../../recipe/recipe.ts';
import { ask } from '../../run/evaluate.ts';
import { type InputSpec, inputOf } from '../../run/input.ts';
import type { Matrix } from '../../run/metrics.ts';
import { scoreTeacher, teacherOf } from '../../run/score-teacher.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { refuseOtherClasses } from '../../run/teachers/open.ts';
import type { Workshop } from '../define.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { type Member, merged, sideBySide } from './merged.ts';
import type { MultiTaskOptions } from './options.ts';

/** A task with its data and the teacher that knows it. */
export interface OpenTask {
  readonly name: string;
  readonly data: Recipe['data'];
  readonly splits: Splits;
  readonly teacher: TeacherOptions | null;
  /** What the teacher says of the train split. */
  readonly said: Matrix | null;
  /** The teacher's metrics on the test split. */
  readonly score: Readonly<Record<string, number>> | null;
}

export interface Tasks {
  readonly all: readonly OpenTask[];
  /** How every student gets its input: by the training data of all tasks. */
  readonly input: InputSpec;
  /** Soft targets and labels, as a student of one task learns them. */
  readonly soft: readonly LossOptions[];
  /** One split of all tasks, their classes side by side. */
  members(split: 'train' | 'validation' | 'test'): readonly Member[];
}

/** Opens the data of all tasks, and opens or trains their teachers. */
export async function openTasks(o: MultiTaskOptions, workshop: Workshop): Promise<Tasks> {
  const { recipe } = workshop;
  const first = { name: o.name, data: recipe.data, teacher: recipe.teacher };
  const all: OpenTask[] = [];
  for (const [i, { name, data, teacher }] of [first, ...o.also].entries()) {
    const splits = await workshop.openData(data);
    const { teacher: _, ...bare } = { ...recipe, data };
    const own = teacher
      ? await sharedTeacher({ ...workshop, recipe: { ...bare, teacher } }, taskOf(splits.train), teacher, `teacher-${i + 1}`)
      : null;
    const known = own && (await knowledge({ ...bare, teacher: own }, workshop, i));
    all.push({ name: name ?? splits.name, data, splits, teacher: own, said: known?.said ?? null, score: known?.score ?? null });
  }
  const members = (split: 'train' | 'validation' | 'test'): readonly Member[] =>
    sideBySide(all.map(({ name, splits }): { name: string; dataset: Dataset } => ({ name, dataset: splits[split] })));
  const soft = fromShorthand(recipe.objective ?? shorthandSchema.parse({}));
  return { all, members, soft, input: inputOf(recipe.student.preprocess, merged(members('train'), 1).dataset) };
}

async function knowledge(
  recipe: Recipe,
  { options, remember }: Workshop,
  i: number,
): Promise<{ said: Matrix; score: Readonly<Record<string, number>> }> {
  const { teacher, splits } = await teacherOf(recipe, options);
  refuseOtherClasses(teacher, splits);
  const said = await ask(options.runtime, teacher.bytes, splits.train, teacher);
  return { said, score: await remember(`teacher-${i + 1}`, async () => (await scoreTeacher(recipe, options)).metrics) };
}
