import type { Issues } from '../error.ts';
import { textIn } from './text-columns.ts';

/** Classes of a column of labels. */
export interface TextClasses {
  readonly names: readonly string[];
  /** Class of a cell; −1 where it is empty, undefined where it is none of them. */
  indexOf(cell: unknown): number | undefined;
}

const keyOf = (cell: unknown): string | null => textIn(cell)?.trim() ?? null;
const isNumber = (key: string): boolean => /^[+-]?\d+(\.\d+)?$/.test(key);

/**
 * The classes of the labels in train: sorted (as numbers if all are), or in the order of `names`. Where no label is among `names`
 * and all are whole numbers below their count, the labels are positions in `names`.
 */
export function classesOf(cells: readonly unknown[], names: readonly string[] | undefined, issues: Issues): TextClasses {
  const keys = [...new Set(cells.map(keyOf))].filter((key) => key !== null && key !== '') as string[];
  const order = keys.every(isNumber)
    ? (a: string, b: string) => Number(a) - Number(b)
    : (a: string, b: string) => (a < b ? -1 : 1);
  const found = names ?? [...keys].sort(order);
  if (found.length < 2) {
    issues.add({
      where: 'data.label',
      found: found.length === 0 ? 'no labels in train' : `only the class '${found[0]}' in train`,
      expected: 'at least two classes',
      fix: 'check the column that `label` names',
    });
  }
  const own = new Map(found.map((name, c) => [name, c]));
  const positions = new Map(found.map((_, c) => [String(c), c]));
  const byPosition = names !== undefined && keys.length > 0 && keys.every((key) => !own.has(key) && positions.has(key));
  const classes = byPosition ? positions : own;
  return {
    names: found,
    indexOf(cell) {
      const key = keyOf(cell);
      return key === '' ? -1 : key === null ? undefined : classes.get(key);
    },
  };
}
