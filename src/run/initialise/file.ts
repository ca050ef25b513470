import { sameShape } from '../../graph/type.ts';
import { sizesOf } from '../../models/build.ts';
import type { ImportedOptions } from '../../models/imported-options.ts';
import { MismatchError } from '../error.ts';
import type { Tensors } from '../store.ts';
import type { Subject } from './define.ts';

/** What the teacher made of the file that the student is made of too, perhaps with fewer layers: weights by the names of the file. */
export function fromFile(subject: Subject): Tensors {
  const { teacher, model, shape, first } = subject;
  const [theirs, ours] = [teacher.options, subject.student as ImportedOptions];
  if (theirs?.kind !== ours.kind || !teacher.weights || theirs.model !== ours.model) {
    const found = theirs?.kind === ours.kind ? `${teacher.name}, trained from ${theirs.model}` : teacher.name;
    throw new MismatchError(
      `student.initialise: found ${found} as the teacher and a student made of ${ours.model}; expected a teacher that this run trains from the same file; ` +
        'name one file in teacher.model.model and student.model.model, or take student.initialise out',
    );
  }
  const sizes = sizesOf(model, shape);
  return Object.fromEntries(
    Object.entries(teacher.weights([1, ...first])).filter(([name, t]) => sameShape(t.shape, sizes.get(name) ?? [])),
  );
}
