import { addedRows } from '../data/augmentations.ts';
import type { Offer } from '../methods/define.ts';
import { tapsOf } from '../models/build.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { openAnswers } from './answering.ts';
import { conclude } from './conclude.ts';
import { MismatchError } from './error.ts';
import { ask } from './evaluate.ts';
import type { Subject } from './initialise/define.ts';
import { startOf } from './initialise/list.ts';
import type { Job } from './job.ts';
import type { Lesson, UntaughtLesson } from './lesson.ts';
import { checkLessons } from './lessons.ts';
import type { Pair } from './opened.ts';
import type { RunRecord } from './record.ts';
import { distils, scratchObjective } from './scratch.ts';
import { silentTerms } from './silent.ts';
import { shapeIn } from './specs.ts';
import type { Tensors } from './store.ts';
import { trainStudent } from './student.ts';
import { checkTeacher, isComparable, type OpenedTeacher, openTeacher } from './teachers/open.ts';
import { type TrainContext, train } from './train.ts';
import { otherTokenizers } from './vocabularies.ts';
import { machine, openWorkplace, type RunOptions, validator, withTeacher } from './workplace.ts';

/**
 * Runs a recipe: teacher, controls and student, for every seed, and writes all of it but the report into the directory.
 * @throws RecipeError, DataError, ModelError, MismatchError, DivergedError (the user's), FileError, RuntimeError (the machine's), StoppedError.
 */
export async function runRecipe(given: Recipe, options: RunOptions): Promise<RunRecord> {
  const workplace = await openWorkplace(given, options);
  const { recipe, splits, student, lessons, store, shared, folder, hub, notes, note } = workplace;
  const { runtime, lower, emit } = shared;
  const opened = await openTeacher({
    ...shared,
    splits,
    recipe,
    folder,
    hub,
    validate: validator(shared, splits.validation, null),
  });
  const { task, model, shape } = await withTeacher(workplace, opened);
  const offerOf = ({ augment }: UntaughtLesson): Offer => ({
    student: tapsOf(model, shapeIn(shape, augment)),
    teacher: new Map([...(opened?.offer ?? []), ...(addedRows(augment) > 0 ? (opened?.guesses ?? []) : [])]),
  });
  checkLessons(lessons, { teacher: opened?.name, offerOf, task });
  for (const lesson of opened ? lessons : []) checkTeacher(opened!, splits, lesson.objective, offerOf(lesson));
  for (const text of otherTokenizers(splits.train, { student: model.vocabulary, teacher: opened?.vocabulary })) note(text);
  if (opened && !isComparable(opened, splits))
    note('The teacher predicts other classes than the data has: its own score and the agreement with it are not measured.');
  const onValidation =
    splits.validation.size > 0 && opened && isComparable(opened, splits)
      ? await ask(runtime, opened.bytes, splits.validation, opened)
      : null;
  if (task.uncontrolled && recipe.controls.scratch) note(task.uncontrolled);
  const context: TrainContext = {
    ...shared,
    headline: task.headline,
    validate: validator(shared, splits.validation, onValidation),
  };

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
    const first = shapeIn(shape, lessons[0]!.augment).input;
    const start =
      (await options.start?.()) ??
      (await startFor(recipe.student, opened, { model, shape, first, train: splits.train, runtime }));
    for (const seed of recipe.seeds) {
      const job = { seed, model, input: student.shape, preprocess: student.graph };
      const objective = scratchObjective(task, recipe.losses);
      const scratch: Job | null = objective && {
        ...job,
        role: 'scratch',
        objective,
        training: { ...recipe.training, epochs: lessons.reduce((n, l) => n + l.training.epochs, 0) },
        augment: lessons.at(-1)!.augment,
        teacher: null,
      };
      const distilled = { ...job, role: 'distilled', balance: recipe.balance === 'gradient' } as const;
      const isControlled = recipe.controls.scratch && distils(task, recipe);
      pairs.push({
        seed,
        scratch: isControlled && scratch ? await train(scratch, context) : null,
        distilled: await trainStudent(distilled, taught, context, start),
      });
    }
  } finally {
    await answers.close();
  }
  for (const text of silentTerms(await store.history())) note(text);
  const record = await conclude(
    { recipe, runtime, store, splits, task, teacher: opened, student, shape, lower, notes, milliseconds: options.milliseconds },
    model,
    pairs,
    machine(),
  );
  emit({ type: 'done', directory: store.directory, results: record.results });
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
