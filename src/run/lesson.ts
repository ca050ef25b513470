import { type NamedAugment, prepareAugmentations } from '../data/augmentations.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ObjectiveOptions } from '../methods/combine.ts';
import type { Offer } from '../methods/define.ts';
import type { Recipe, Settled } from '../recipe/recipe.ts';
import type { Teacher } from '../teachers/define.ts';

/** One training of the student on the way: what it learns, and for how long. */
export interface Lesson {
  /** Name in the run folder; empty for the main training. */
  readonly name: string;
  /** Where its losses stand in the recipe. */
  readonly path: string;
  readonly objective: ObjectiveOptions;
  readonly training: Recipe['training'];
  readonly augment: readonly NamedAugment[];
  /** Null where nothing is asked of a teacher. */
  readonly teacher: Teacher | null;
  /** What the teacher could be asked for. */
  readonly offer?: Offer['teacher'];
}

/** The trainings of the student that a recipe asks for, the main one last. */
export function lessonsOf(
  { repairs = [], stages, losses, training }: Course,
  train: Dataset,
  path = '',
): readonly UntaughtLesson[] {
  const { earlyStopping: _, keep: __, ...whole } = training;
  const before = stages.map((stage, i) => ({
    name: `stage-${i + 1}`,
    path: `${path}stages.${i}.losses`,
    objective: { losses: stage.losses, repairs },
    training: { ...whole, epochs: stage.epochs, optimizer: stage.optimizer ?? training.optimizer },
    augment: prepareAugmentations(stage.augment ?? training.augment, train),
  }));
  const augment = prepareAugmentations(training.augment, train);
  return [...before, { name: '', path: `${path}losses`, objective: { losses, repairs }, training, augment }];
}

/** The trainings that a part of a recipe asks for. */
interface Course extends Pick<Settled, 'stages' | 'losses' | 'training'> {
  readonly repairs?: Settled['repairs'];
}
export type UntaughtLesson = Omit<Lesson, 'teacher' | 'offer'>;
