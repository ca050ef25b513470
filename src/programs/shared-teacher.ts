import type { TeacherOptions } from '../recipe/recipe.ts';
import { MismatchError } from '../run/error.ts';
import type { Results, Side } from '../run/record.ts';
import type { Task } from '../run/tasks/define.ts';
import type { Workshop } from './define.ts';
import { ofTrainedTeacher } from './recipes.ts';

/**
 * The teacher of the recipe as all parts can name it: what the recipe would train is trained once, as a part of its own.
 * @param name Of that part; members of an ensemble are numbered.
 */
export async function sharedTeacher(
  workshop: Workshop,
  task: Task,
  teacher: TeacherOptions = workshop.recipe.teacher!,
  name = 'teacher',
): Promise<TeacherOptions> {
  if (teacher.kind === 'ensemble') {
    const members: typeof teacher.members = [];
    for (const [i, member] of teacher.members.entries()) {
      members.push((await sharedTeacher(workshop, task, member, `${name}-${i + 1}`)) as typeof member);
    }
    return { ...teacher, members };
  }
  const trained = ofTrainedTeacher({ ...workshop.recipe, teacher }, task);
  if (!trained) return teacher;
  await workshop.run(name, trained);
  return { kind: 'run', run: workshop.at(name), side: 'distilled' };
}

/** What the teacher of a part came to. @throws MismatchError where its score was not measured, since it predicts other classes. */
export function teacherIn({ teacher, headline }: Results): Side {
  if (teacher?.metrics[headline.name]) return teacher;
  throw new MismatchError(
    `teacher: found one whose ${headline.name} on this data cannot be measured; expected one that predicts what the data asks for, since students are compared with it; take a teacher of these classes, or say which of its classes they are with teacher.classes`,
  );
}
