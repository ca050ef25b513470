import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { tensor } from '../graph/type.ts';
import { gather } from '../ops/gather.ts';

/** Classes by index, in groups. */
export type ClassGroups = readonly (readonly number[])[];

/**
 * Refuses groups that are empty, name a class twice, or one that is not there.
 *
 * @param what Whose groups they are, for messages.
 * @returns the classes that are in a group.
 */
export function requireGroups(what: string, groups: ClassGroups, classes: number): ReadonlySet<number> {
  const seen = new Set<number>();
  const refuse = (found: string, wanted: string): never => {
    throw new GraphError('bad-attribute', `${what}: ${found}; expected ${wanted}`);
  };
  for (const [g, group] of groups.entries()) {
    if (group.length === 0) refuse(`group ${g} is empty`, 'at least one class in each group');
    for (const k of group) {
      if (!Number.isInteger(k) || k < 0 || k >= classes) refuse(`class ${k} in group ${g}`, `classes 0 to ${classes - 1}`);
      if (seen.has(k)) refuse(`class ${k} is named twice`, 'each class in one group at most');
      seen.add(k);
    }
  }
  return seen;
}

/** The columns of some classes, in their order: [B, K] to [B, classes]. */
export const columns = (x: Value, classes: readonly number[]): Value =>
  gather(x, x.graph.constant(tensor('int64', [classes.length], classes)), 1);
