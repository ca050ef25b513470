import type { Dataset } from '../../data/dataset.ts';
import type { Model, ModelShape } from '../../models/define.ts';
import type { InitialiseOptions } from '../../recipe/initialise.ts';
import type { StudentModelOptions } from '../../recipe/recipe.ts';
import type { Runtime } from '../../runtime/port.ts';
import type { Tensors } from '../store.ts';
import type { OpenedTeacher } from '../teachers/open.ts';

/** What a start is made from. */
export interface Subject {
  readonly teacher: OpenedTeacher;
  readonly student: StudentModelOptions;
  /** The student itself. */
  readonly model: Model;
  /** Sizes of the data. */
  readonly shape: ModelShape;
  /** One example as the student sees it in its first training. */
  readonly first: readonly number[];
  readonly train: Dataset;
  readonly runtime: Runtime;
}

/**
 * One way to start a student: tensors by the student's names; what is not among them starts from chance.
 * @throws MismatchError if it does not fit the teacher or the student.
 */
export type Initialise<From extends InitialiseOptions['from']> = (
  options: Extract<InitialiseOptions, { from: From }>,
  subject: Subject,
) => Promise<Tensors>;
