import { nearest } from '../../graph/nearest.ts';
import type { Issues } from '../error.ts';
import { type ColumnRef, findColumns } from './columns.ts';
import type { Records } from './records.ts';
import type { TextOptions } from './text-options.ts';

/** Where the columns of a file are; null: the file has no labels. */
export interface TextColumns {
  readonly texts: readonly number[];
  readonly label: number | null;
  readonly targets: readonly number[];
}

/** Finds the columns of a file; missing ones are reported with the nearest names. `unlabelled`: its labels may be missing. */
export function findTextColumns(records: Records, options: TextOptions, unlabelled: boolean, issues: Issues): TextColumns {
  const { header, name } = records;
  const find = (ref: ColumnRef, option: string): number[] => {
    if (typeof ref === 'string' && !header.includes(ref)) {
      issues.add({
        where: name,
        found: `no column '${ref}' (data.${option}) among ${header.length}`,
        expected:
          header.length > 0
            ? `a column such as ${nearest(ref, header)
                .map((n) => `'${n}'`)
                .join(', ')}`
            : 'columns',
        fix: `set \`${option}\` to the name or position of the column`,
      });
      return [];
    }
    return [...findColumns(ref, header, option, issues)];
  };
  const label = options.label !== undefined && !(unlabelled && !has(records, options.label)) ? find(options.label, 'label') : [];
  return {
    texts: [...find(options.text, 'text'), ...(options.pair === undefined ? [] : find(options.pair, 'pair'))],
    label: label[0] ?? null,
    targets: (options.targets ?? []).flatMap((ref, k) => find(ref, `targets[${k}]`)),
  };
}

/** Whether a file has a column. */
export const has = ({ header }: Records, ref: ColumnRef): boolean =>
  typeof ref === 'string' ? header.includes(ref) : ref < header.length && ref >= -header.length;

/** A cell as text: '' where there is nothing, null where it is no text. */
export function textIn(cell: unknown): string | null {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean' ? String(cell) : null;
}
