import type { Dataset } from '../../data/dataset.ts';
import type { ObjectiveOptions } from '../../methods/combine.ts';
import type { Offer } from '../../methods/define.ts';
import { type LossOptions, lossSchema } from '../../methods/index.ts';
import { fromShorthand } from '../../methods/shorthand.ts';
import { tapsOf } from '../../models/build.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { openAnswers } from '../../run/answering.ts';
import { MismatchError } from '../../run/error.ts';
import { ask, serve, viewInputs } from '../../run/evaluate.ts';
import type { Job } from '../../run/job.ts';
import type { UntaughtLesson } from '../../run/lesson.ts';
import { scratchObjective } from '../../run/scratch.ts';
import { shapeIn } from '../../run/specs.ts';
import type { Task } from '../../run/tasks/define.ts';
import { openTeacher, refuseOtherClasses } from '../../run/teachers/open.ts';
import { type TrainContext, train } from '../../run/train.ts';
import { validator } from '../../run/workplace.ts';
import type { Workshop } from '../define.ts';
import type { PrivilegedOptions } from './options.ts';

type Scores = Readonly<Record<string, number>>;

/** Metrics of one model; validation is null where there is no such split. */
export interface Measured {
  readonly validation: Scores | null;
  readonly test: Scores;
}

/** A temperature and an imitation weight. */
export interface Setting {
  readonly temperature: number;
  readonly imitation: number;
}

/** Everything that one seed trains: a teacher, the student that has none, and one student for each setting, in the order of `settingsOf`. */
export interface Repetition {
  readonly teacher: Measured;
  readonly regular: Measured;
  readonly taught: readonly Measured[];
}

export const settingsOf = ({ temperatures, imitation }: PrivilegedOptions): readonly Setting[] =>
  temperatures.flatMap((temperature) => imitation.map((weight) => ({ temperature, imitation: weight })));

/** The recipe of one seed: with data of its own, and what the sweep makes of losses left out. */
export function recipeOf(recipe: Recipe, seed: number, { draws }: PrivilegedOptions): Recipe {
  const { data } = recipe;
  const anew = { ...data, splitSeed: data.splitSeed + seed, ...('seed' in data && { seed: data.seed + seed }) };
  return { ...recipe, data: draws === 'one' ? data : anew, seeds: [seed] };
}

/** What a student learns at a setting. */
export function objectiveOf(
  { temperature, imitation }: Setting,
  softens: PrivilegedOptions['softens'],
  task: Task,
): ObjectiveOptions {
  const both = fromShorthand({ alpha: imitation, temperature, form: 'convex' }, task.kinds);
  if (softens === 'both' || both[0]!.kind !== 'kd') return { losses: both };
  const [, ...hard] = both;
  const soft: LossOptions = lossSchema.parse({ kind: 'kd', temperature: 1, weight: imitation * temperature ** 2 });
  return { losses: [soft, ...hard], repairs: [{ repair: 'temper', temperature }] };
}

/** Trains and measures everything of one seed; what is trained already is read. */
export async function repeat(workshop: Workshop, seed: number, o: PrivilegedOptions): Promise<Repetition> {
  const recipe = recipeOf(workshop.recipe, seed, o);
  const place = await workshop.open(`seed-${seed}`, recipe);
  const { splits, task, model, shape, student, shared, folder, hub, store, note } = place;
  const settings = settingsOf(o);
  checkData(splits.validation, task, o);
  const context: TrainContext = {
    ...shared,
    validate: o.weights === 'best' ? validator(shared, splits.validation, null) : null,
    checkpointEvery: 1000,
  };
  const teacher = (await openTeacher({ ...context, splits, recipe, folder, hub }))!;
  refuseOtherClasses(teacher, splits);
  const offerOf = ({ augment }: UntaughtLesson): Offer => ({
    student: tapsOf(model, shapeIn(shape, augment)),
    teacher: teacher.offer,
  });
  const { runtime, emit, lower } = shared;
  const measure = async (score: (set: Dataset) => Promise<Scores>): Promise<Measured> => ({
    validation: splits.validation.size > 0 ? await score(splits.validation) : null,
    test: await score(splits.test),
  });
  const main = place.lessons.at(-1)!;
  const job: Omit<Job, 'role' | 'objective'> = {
    seed,
    model,
    input: student.shape,
    preprocess: student.graph,
    training: main.training,
    augment: main.augment,
    teacher: null,
  };
  const trained = async (one: Job): Promise<Measured> => {
    const { weights } = await train(one, context);
    const inputs = viewInputs(splits.test.example);
    const bytes = await serve({ model, weights, inputs, preprocess: student.graph }, lower);
    return measure(async (set) => task.metrics(await ask(runtime, bytes, set), set, null));
  };
  const all = settings.length + 1;
  const tell = (done: number): void => workshop.progress(`seed ${seed}: students`, done, all);
  const answers = openAnswers(teacher, offerOf, { recipe, runtime, store, train: splits.train, emit, note });
  try {
    tell(0);
    const regular = await trained({ ...job, role: 'scratch', objective: scratchObjective(task, place.recipe.losses)! });
    tell(1);
    const taught: Measured[] = [];
    for (const setting of settings) {
      const objective = objectiveOf(setting, o.softens, task);
      const name = `t${setting.temperature}-l${setting.imitation}`;
      const lesson = { ...main, name, objective };
      const source = (await answers.to(lesson))!.source;
      const stage = { name, passesOn: false, from: null, epochs: 0, steps: 0 };
      taught.push(
        await trained({ ...job, role: 'distilled', objective, teacher: source, offer: offerOf(lesson).teacher, stage }),
      );
      tell(taught.length + 1);
    }
    return {
      teacher: await measure(async (set) => task.ofTeacher(await ask(runtime, teacher.bytes, set, teacher), set)),
      regular,
      taught,
    };
  } finally {
    await answers.close();
  }
}

/** @throws MismatchError where nothing could choose among the settings, or a temperature means nothing. */
function checkData(validation: Dataset, task: Task, o: PrivilegedOptions): void {
  if (!task.hardLoss)
    throw new MismatchError(`data: found ${task.found}; expected labels or values, which the regular student learns from`);
  if (settingsOf(o).length > 1 && validation.size === 0) {
    throw new MismatchError(
      'data.validation: found no validation split; expected one to choose temperature and imitation weight on; set data.validation, or give one temperature and one imitation weight',
    );
  }
  if (o.temperatures.length > 1 && task.kinds.soft(1).kind !== 'kd') {
    throw new MismatchError(
      `program.temperatures: found ${o.temperatures.length} for data with ${task.found}; expected one, since values have no temperature`,
    );
  }
}
