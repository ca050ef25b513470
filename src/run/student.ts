import { addedRows } from '../data/augmentations.ts';
import { planBatches } from '../data/batches.ts';
import type { Job } from './job.ts';
import type { Lesson } from './lesson.ts';
import type { Tensors } from './store.ts';
import { type TrainContext, type Trained, train } from './train.ts';

/** What comes of several trainings in a row. */
export interface Taught extends Trained {
  /** The weights as the last lesson with something to guess left them; null where there was none. */
  readonly guessing: Tensors | null;
}

/**
 * Trains through all lessons, each from the weights of the one before; what comes of the last one counts.
 *
 * @param start Tensors that the first one starts from; others start from chance.
 */
export async function trainStudent(
  job: Omit<Job, 'objective' | 'training' | 'augment' | 'teacher' | 'offer' | 'stage'>,
  lessons: readonly Lesson[],
  context: TrainContext,
  start: Tensors | null = null,
): Promise<Taught> {
  let trained: Trained | null = null;
  let guessing: Tensors | null = null;
  let [epochs, steps, seconds] = [0, 0, 0];
  for (const [i, { name, path: _, ...lesson }] of lessons.entries()) {
    const stage = { name, passesOn: i < lessons.length - 1, from: trained?.weights ?? start, epochs, steps };
    trained = await train({ ...job, ...lesson, stage }, context);
    const { augment, training } = lesson;
    if (addedRows(augment) > 0) guessing = trained.weights;
    epochs += training.epochs;
    steps += training.epochs * planBatches(context.train, { batchSize: training.batchSize, dropLast: true }).steps;
    seconds += trained.seconds;
  }
  return { ...trained!, seconds, guessing };
}
