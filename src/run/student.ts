import { planBatches } from '../data/batches.ts';
import type { ObjectiveOptions } from '../methods/combine.ts';
import type { Recipe, Settled } from '../recipe/recipe.ts';
import type { Answerer } from './answering.ts';
import { type Job, type TrainContext, type Trained, train } from './train.ts';

/** One training of the student on the way: what it learns, and for how long. */
export interface Lesson {
  /** Name in the run folder; empty for the main training. */
  readonly name: string;
  /** Where its losses stand in the recipe. */
  readonly path: string;
  readonly objective: ObjectiveOptions;
  readonly training: Recipe['training'];
  /** Null where nothing is asked of a teacher. */
  readonly teacher: Answerer | null;
}

/** The trainings of the student that a recipe asks for, the main one last. */
export function lessonsOf(recipe: Settled): readonly Omit<Lesson, 'teacher'>[] {
  const { repairs, training } = recipe;
  const { earlyStopping: _, ...whole } = training;
  const stages = recipe.stages.map(({ losses, epochs, optimizer = training.optimizer }, i) => ({
    name: `stage-${i + 1}`,
    path: `stages.${i}.losses`,
    objective: { losses, repairs },
    training: { ...whole, epochs, optimizer },
  }));
  return [...stages, { name: '', path: 'losses', objective: { losses: recipe.losses, repairs }, training }];
}

/** Trains through all lessons, each from the weights of the one before; what comes of the last one counts. */
export async function trainStudent(
  job: Omit<Job, 'objective' | 'training' | 'teacher' | 'stage'>,
  lessons: readonly Lesson[],
  context: TrainContext,
): Promise<Trained> {
  let trained: Trained | null = null;
  let [epochs, steps, seconds] = [0, 0, 0];
  for (const [i, { name, objective, training, teacher }] of lessons.entries()) {
    const stage = { name, passesOn: i < lessons.length - 1, from: trained?.weights ?? null, epochs, steps };
    trained = await train({ ...job, objective, training, teacher: teacher?.source ?? null, stage }, context);
    epochs += training.epochs;
    steps += training.epochs * planBatches(context.train, { batchSize: training.batchSize, dropLast: true }).steps;
    seconds += trained.seconds;
  }
  return { ...trained!, seconds };
}
