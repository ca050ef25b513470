import { z } from 'zod';
import type { Issues } from '../error.ts';

/** A column by its name or by its position from 0; negative positions count from the end. */
export const columnRef = z.union([z.string().min(1), z.int()]);
export type ColumnRef = z.output<typeof columnRef>;

/** Positions of the columns that a reference means: one, or all `name[0]`, `name[1]`… of a list in JSON. */
export function findColumns(ref: ColumnRef, header: readonly string[], option: string, issues: Issues): readonly number[] {
  if (typeof ref === 'number') {
    const at = ref < 0 ? header.length + ref : ref;
    if (at >= 0 && at < header.length) return [at];
    issues.add({
      where: `data.${option}`,
      found: `column ${ref}`,
      expected: `${-header.length} to ${header.length - 1}: the table has ${header.length} columns`,
    });
    return [];
  }
  const named = positions(header, (name) => name === ref);
  const found = named.length > 0 ? named : positions(header, (name) => name.startsWith(`${ref}[`));
  if (found.length === 0) {
    issues.add({
      where: `data.${option}`,
      found: `no column '${ref}'`,
      expected: `one of ${listed(header)}`,
      fix: 'check the spelling and `header`',
    });
  }
  if (named.length > 1) {
    issues.add({
      where: `data.${option}`,
      found: `${named.length} columns called '${ref}'`,
      expected: 'one',
      fix: `name it by its position: ${named.join(' or ')}`,
    });
  }
  return found;
}

const positions = (header: readonly string[], test: (name: string) => boolean): readonly number[] =>
  header.flatMap((name, at) => (test(name) ? [at] : []));

const listed = (names: readonly string[]): string =>
  names.length <= 12
    ? names.map((n) => `'${n}'`).join(', ')
    : `${names
        .slice(0, 12)
        .map((n) => `'${n}'`)
        .join(', ')} and ${names.length - 12} more`;

/** Header names made different from each other, so that every number has its own. */
export function distinctNames(header: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  for (const name of header) seen.set(name, (seen.get(name) ?? 0) + 1);
  return header.map((name, at) => (seen.get(name)! > 1 ? `${name} (column ${at})` : name));
}
