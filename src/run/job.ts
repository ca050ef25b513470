import type { NamedAugment } from '../data/augmentations.ts';
import type { Value } from '../graph/graph.ts';
import type { ObjectiveOptions } from '../methods/combine.ts';
import type { Offer } from '../methods/define.ts';
import type { Model } from '../models/define.ts';
import type { Training } from '../recipe/recipe.ts';
import type { Teacher } from '../teachers/define.ts';
import type { Role } from './record.ts';
import type { Tensors } from './store.ts';

/** One training: a model, what it learns from, and for how long. */
export interface Job {
  readonly role: Role;
  readonly seed: number;
  readonly model: Model;
  /** Shape of one example as the model gets it. */
  readonly input: readonly number[];
  readonly preprocess: (view: Value) => Value;
  readonly objective: ObjectiveOptions;
  /** Whether the terms are scaled to pull equally hard. */
  readonly balance?: boolean;
  readonly training: Training;
  /** Changes of its examples in every epoch. */
  readonly augment: readonly NamedAugment[];
  readonly teacher: Teacher | null;
  /** What the teacher could be asked for; what it is asked for are the outputs of `teacher`. */
  readonly offer?: Offer['teacher'];
  /** Where this is one of several trainings in a row: its place, the weights it starts from, and what is behind. */
  readonly stage?: Stage;
}

export interface Stage {
  /** Its name in the run folder; empty for the main training. */
  readonly name: string;
  /** Whether another stage goes on from here: then the last epoch counts, not the best. */
  readonly passesOn: boolean;
  readonly from: Tensors | null;
  readonly epochs: number;
  readonly steps: number;
}
