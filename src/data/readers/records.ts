import { extname } from 'node:path';
import { collectIssues, DataError } from '../error.ts';
import type { ColumnRef } from './columns.ts';
import { parseCsv } from './csv.ts';
import { jsonLines } from './jsonl.ts';
import { readParquet } from './parquet.ts';
import { readText } from './text.ts';

/** Rows of a file whose cells may be anything; only those of the wanted columns have to be there. */
export interface Records {
  readonly name: string;
  readonly header: readonly string[];
  readonly size: number;
  cell(row: number, column: number): unknown;
  /** Where a row stands, for messages. */
  where(row: number): string;
}

/** How a file is to be read. */
export interface RecordOptions {
  /** By its extension unless told. */
  readonly format?: RecordFormat | undefined;
  /** Whether the first line of CSV and TSV names the columns. */
  readonly header: boolean;
  readonly delimiter?: string | undefined;
  readonly maxBytes: number;
  readonly columns: readonly ColumnRef[];
}

type Reader = (path: string, options: RecordOptions) => Promise<Records>;

/** Separated values: `standard` is what stands between cells unless told. */
const separated =
  (standard: string, quotes: boolean): Reader =>
  async (path, { header, delimiter = standard, maxBytes }) => {
    const table = parseCsv(await readText(path, maxBytes), path, { header, delimiter, quotes });
    const issues = collectIssues();
    table.rows.forEach((cells, row) => {
      if (cells.length === table.header.length) return;
      issues.add({
        where: table.where(row),
        found: `${cells.length} cells`,
        expected: `${table.header.length}, one a column`,
        fix: 'check the delimiter and the quotes, or set `format`',
      });
    });
    issues.check();
    return { ...table, size: table.rows.length, cell: (row, column) => table.rows[row]![column] };
  };

const readers = {
  csv: separated(',', true),
  tsv: separated('\t', false),
  async jsonl(path, { maxBytes }) {
    const issues = collectIssues();
    const { rows, where } = jsonLines((await readText(path, maxBytes)).toString('utf8'), path, issues);
    rows.forEach((row, r) => {
      if (typeof row === 'object' && row !== null) return;
      issues.add({ where: where(r), found: row === null ? 'null' : `a ${typeof row}`, expected: 'an object or a list' });
    });
    issues.check();
    const objects = rows as readonly Readonly<Record<string, unknown>>[];
    const header = [...new Set(objects.flatMap((row) => Object.keys(row)))];
    return { name: path, header, size: rows.length, where, cell: (row, column) => objects[row]![header[column]!] };
  },
  async parquet(path, { maxBytes, columns }) {
    const pick = (header: readonly string[]): readonly string[] =>
      columns.flatMap((ref) => (typeof ref === 'number' ? header.at(ref) : header.find((name) => name === ref)) ?? []);
    const { header, rows } = await readParquet(path, maxBytes, pick);
    const cell = (row: number, column: number): unknown => rows[row]![header[column]!];
    return { name: path, header, size: rows.length, where: (row) => `${path}, row ${row + 1}`, cell };
  },
  async lines(path, { maxBytes }) {
    const all = (await readText(path, maxBytes))
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    const lines = all.at(-1) === '' ? all.slice(0, -1) : all;
    const where = (row: number): string => `${path}, line ${row + 1}`;
    return { name: path, header: ['text'], size: lines.length, where, cell: (row) => lines[row] };
  },
} as const satisfies Record<string, Reader>;

export type RecordFormat = keyof typeof readers;
export const recordFormats = Object.keys(readers) as [RecordFormat, ...RecordFormat[]];

const extensions: Readonly<Record<string, RecordFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
  '.txt': 'lines',
};

/** Reads a file of rows by its format (.gz too). Throws `DataError`. */
export async function readRecords(path: string, options: RecordOptions): Promise<Records> {
  const format = options.format ?? extensions[extname(path.replace(/\.gz$/i, '')).toLowerCase()];
  if (format) return readers[format](path, options);
  throw new DataError({
    where: path,
    found: 'a name that does not say what the file holds',
    expected: `one of ${Object.keys(extensions).join(', ')}, also with .gz`,
    fix: `set \`format\` to one of ${recordFormats.join(', ')}`,
  });
}
