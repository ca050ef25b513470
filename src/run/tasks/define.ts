import type { Dataset } from '../../data/dataset.ts';
import type { Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import type { TaskName } from '../../methods/define.ts';
import type { LossOptions } from '../../methods/index.ts';
import type { Kinds } from '../../methods/shorthand.ts';
import type { Model } from '../../models/define.ts';
import type { Matrix } from '../metrics.ts';
import type { Behaviour, Prediction, Spread } from '../record.ts';
import type { TeacherPart } from '../teachers/define.ts';

/** The metric by which models are chosen and compared. */
export interface Headline {
  readonly name: string;
  readonly higherIsBetter: boolean;
}

/** Numbers of what two models give for an example. */
export interface Widths {
  readonly student: number;
  readonly teacher: number;
}

/** What the models of a run say of the test set. */
export interface Said {
  readonly teacher: Matrix | null;
  readonly scratch: Matrix | null;
  readonly distilled: Matrix;
}

/** How outputs are told to people. */
export interface Describe {
  behaviour(outputs: Matrix): Behaviour;
  /** Null where there is nothing to say of this model. */
  prediction(outputs: Matrix, index: number): Prediction | null;
  /** The truth about an example, or what stands in its place. */
  label(index: number): string;
  /** Examples, the most telling first. */
  telling(): readonly number[];
}

/** Under which exported files say what they give. */
export const taskKey = 'task';

/** Under which they name the columns of a table that they take, as JSON, where these are not all. */
export const columnsKey = 'columns';

/** What is to be given for an example, and everything that follows from it. */
export interface Task {
  readonly name: TaskName;
  /** What data hold that pose it, for messages. */
  readonly found: string;
  /** By default that of models of equal width. */
  readonly headline: Headline;
  /** The same task where the headline depends on what models give. */
  readonly between?: (widths: Widths) => Task;
  /** What the short form of an objective mixes. */
  readonly kinds: Kinds;
  /** Options of the loss of a model that has no teacher; null where nothing can be learnt without one. */
  readonly hardLoss: ((smoothing: number) => { readonly kind: LossOptions['kind'] }) | null;
  /** Why there is no scratch control, as a sentence, where there can be none. */
  readonly uncontrolled?: string;
  /** What a student came to, as a sentence, where there is no control to compare it with. */
  readonly alone?: (headline: Spread) => string;
  /** The student as the run trains it. */
  readonly student: (model: Model) => Model;
  /** The teacher as the run asks it. @throws MismatchError if it cannot be asked for this. */
  readonly teacher: (part: TeacherPart) => TeacherPart;
  /** What counts of the output of a model file, [N, …], for a batch of the view. */
  readonly given: (output: Value, view: Value) => Value;
  /** Whether what a teacher gives, of this shape, can be scored and compared on a set. */
  readonly comparable: (logits: Shape, dataset: Dataset) => boolean;
  /** Whether what the soft targets of a teacher hold can be told, class by class. */
  readonly explains: boolean;
  /** Metrics of the outputs for a set; `teacher` adds what compares the two. */
  metrics(outputs: Matrix, dataset: Dataset, teacher: Matrix | null): Readonly<Record<string, number>>;
  /** Metrics of the teacher itself. */
  ofTeacher(teacher: Matrix, dataset: Dataset): Readonly<Record<string, number>>;
  describe(test: Dataset, said: Said): Describe;
}
