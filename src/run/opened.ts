import type { Splits } from '../data/split.ts';
import type { ModelShape } from '../models/define.ts';
import type { Settled } from '../recipe/recipe.ts';
import type { Runtime } from '../runtime/port.ts';
import type { InputSpec } from './input.ts';
import type { Lower } from './lowering.ts';
import type { RunStore } from './store.ts';
import type { Task } from './tasks/define.ts';
import type { OpenedTeacher } from './teachers/open.ts';
import type { Trained } from './train.ts';

/** What the parts of a run share once data and teacher are open. */
export interface Opened {
  readonly recipe: Settled;
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly splits: Splits;
  readonly task: Task;
  readonly teacher: OpenedTeacher | null;
  readonly student: InputSpec;
  /** Sizes with which the student was made. */
  readonly shape: ModelShape;
  readonly lower: Lower;
  readonly notes: string[];
  /** For each measurement of speed. */
  readonly milliseconds?: number | undefined;
}

/** One seed's pair of students. */
export interface Pair {
  readonly seed: number;
  readonly scratch: Trained | null;
  readonly distilled: Trained;
}
