import { nearest } from '../../graph/nearest.ts';
import type { RecipeIssue } from '../../recipe/error.ts';
import { MismatchError } from '../../run/error.ts';
import { issue } from '../define.ts';
import type { ContinualOptions } from './options.ts';

type Groups = ContinualOptions['groups'];

/** Classes of each task by index, in the order in which the tasks come. */
export type Tasks = readonly (readonly number[])[];

const where = 'program.groups';

/** What is wrong with groups whatever the data are. */
export function groupIssues(groups: Groups): readonly RecipeIssue[] {
  const given = typeof groups === 'number' ? groups : groups.length;
  if (given < 2) return [issue(where, `found ${given}; expected at least two groups, one task after another`)];
  if (typeof groups === 'number') return [];
  const small = groups.flatMap((group, i) =>
    group.length < 2 ? [issue(`${where}.${i}`, `found [${group.join(', ')}]; expected at least two classes to tell apart`)] : [],
  );
  return [...small, ...twice(groups).map((k) => issue(where, `found the class ${k} twice; expected each class in one group`))];
}

const twice = <T>(groups: readonly (readonly T[])[]): readonly T[] => [
  ...new Set(groups.flat().filter((k, i, all) => all.indexOf(k) < i)),
];

/**
 * The tasks that groups make of the classes of a set.
 * @throws MismatchError unless every class is in one group.
 */
export function tasksOf(groups: Groups, classes: readonly string[]): Tasks {
  const tasks =
    typeof groups === 'number' ? equal(groups, classes) : groups.map((group) => group.map((k) => placeOf(k, classes)));
  const [again] = twice(tasks);
  if (again !== undefined) {
    throw new MismatchError(
      `${where}: found the class ${classes[again]} twice, by name and by index; expected each in one group`,
    );
  }
  const left = classes.filter((_, k) => !tasks.flat().includes(k));
  if (left.length > 0) {
    throw new MismatchError(
      `${where}: found no group with ${left.slice(0, 5).join(', ')}${left.length > 5 ? ', …' : ''}; expected every class of the data in one group`,
    );
  }
  return tasks;
}

function equal(count: number, classes: readonly string[]): Tasks {
  const size = classes.length / count;
  if (!Number.isInteger(size) || size < 2) {
    const fits = Array.from({ length: classes.length }, (_, i) => i + 1).filter(
      (n) => n > 1 && classes.length % n === 0 && classes.length / n > 1,
    );
    throw new MismatchError(
      `${where}: found ${count}, and the data has ${classes.length} classes; expected groups of equal size, of at least two classes` +
        `${fits.length > 0 ? ` (${fits.join(', ')} groups would do)` : ''}; or write the groups out: [[0, 1], [2, 3, 4]]`,
    );
  }
  return Array.from({ length: count }, (_, t) => Array.from({ length: size }, (_, i) => t * size + i));
}

function placeOf(named: number | string, classes: readonly string[]): number {
  const place = typeof named === 'number' ? named : classes.indexOf(named);
  if (place >= 0 && place < classes.length) return place;
  const near = typeof named === 'string' ? nearest(named, classes, 4) : [];
  throw new MismatchError(
    `${where}: found the class ${named}, which the data does not have; expected a name, or an index from 0 to ${classes.length - 1}` +
      `${near.length > 0 ? `; the nearest are ${near.join(', ')}` : ''}`,
  );
}
