import { basename } from 'node:path';
import { z } from 'zod';
import { resolvePath } from '../bytes.ts';
import { collectIssues, type Issues } from '../error.ts';
import { defineSource } from '../source.ts';
import { type Cell, type Table, tableOptions, tableSource } from './table.ts';
import { readText } from './text.ts';

export const jsonl = defineSource({
  kind: 'jsonl',
  summary: 'A table in JSON Lines (.gz or plain): an object or a list a line; lists of numbers become columns name[0], name[1]…',
  title: ({ path }) => basename(path),
  options: z.strictObject({
    kind: z.literal('jsonl'),
    path: z.string().min(1).describe('File of the train part'),
    testPath: z.string().min(1).optional().describe('File of the test part; default: carved from train'),
    validationPath: z.string().min(1).optional().describe('File of the validation part; default: carved from train'),
    ...tableOptions,
  }),
  async open(options, { folder, maxBytes }) {
    const read = async (path: string | undefined): Promise<Table | undefined> => {
      if (path === undefined) return undefined;
      const where = resolvePath(folder, path);
      return parseJsonLines((await readText(where, maxBytes)).toString('utf8'), where);
    };
    const train = (await read(options.path))!;
    return tableSource({ train, test: await read(options.testPath), validation: await read(options.validationPath) }, options);
  },
});

/** Cells of a JSON Lines text; empty lines are passed over. */
export function parseJsonLines(text: string, name: string): Table {
  const issues = collectIssues();
  const { rows, where } = jsonLines(text, name, issues);
  const table = tableOfObjects(rows, name, where, issues);
  issues.check();
  return table;
}

/** The values of a JSON Lines text, and where each stands. */
export function jsonLines(
  text: string,
  name: string,
  issues: Issues,
): { readonly rows: readonly unknown[]; readonly where: (row: number) => string } {
  const rows: unknown[] = [];
  const lines: number[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((line, l) => {
      if (line.trim() === '') return;
      try {
        rows.push(JSON.parse(line));
        lines.push(l + 1);
      } catch (error) {
        const found = error instanceof Error ? error.message : String(error);
        issues.add({ where: `${name}, line ${l + 1}`, found, expected: 'one JSON value a line', fix: 'mend the line' });
      }
    });
  return { rows, where: (row) => `${name}, line ${lines[row]}` };
}

/**
 * A table of objects (columns by key) or of lists (columns by position). The first row tells the columns; a key that a later row
 * lacks is a missing cell.
 */
export function tableOfObjects(rows: readonly unknown[], name: string, where: (row: number) => string, issues: Issues): Table {
  const flat = rows.map((row, r) => flatten(row, where(r), issues));
  const header = [...(flat[0]?.keys() ?? [])];
  const known = new Set(header);
  const cells = flat.map((row, r) => {
    for (const key of row.keys()) {
      if (known.has(key)) continue;
      issues.add({
        where: where(r),
        found: `'${key}', which the first row does not have`,
        expected: `no other columns than ${header.slice(0, 12).join(', ')}`,
        fix: 'give all rows the same keys, and lists the same length',
      });
    }
    return header.map((key) => row.get(key) ?? null);
  });
  return { name, header, rows: cells, where };
}

function flatten(row: unknown, where: string, issues: Issues): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  const put = (key: string, value: unknown): void => {
    if (value === null || typeof value === 'string' || typeof value === 'number') cells.set(key, value);
    else if (typeof value === 'boolean') cells.set(key, value ? 1 : 0);
    else if (isList(value)) for (let k = 0; k < value.length; k++) put(`${key}[${k}]`, value[k]);
    else
      issues.add({
        where,
        found: `'${key}' is ${typeof value}`,
        expected: 'a number, a text, null or a list of them',
        fix: 'flatten it',
      });
  };
  if (isList(row)) for (let k = 0; k < row.length; k++) put(String(k), row[k]);
  else if (typeof row === 'object' && row !== null) for (const [key, value] of Object.entries(row)) put(key, value);
  else issues.add({ where, found: `a ${row === null ? 'null' : typeof row}`, expected: 'an object or a list' });
  return cells;
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
