import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { resolvePath } from '../bytes.ts';
import { DataError } from '../error.ts';
import { defineSource } from '../source.ts';
import { type Table, tableOptions, tableSource } from './table.ts';
import { readText } from './text.ts';
import { checkOneWay, joinViews } from './views.ts';

export const csv = defineSource({
  kind: 'csv',
  summary:
    'A table in CSV files (.gz or plain), with a class or numbers to predict; or several files whose row i is about the same example.',
  title: ({ path, views }) => (path === undefined ? Object.keys(views!).join(' + ') : basename(path)),
  options: z.strictObject({
    kind: z.literal('csv'),
    path: z.string().min(1).optional().describe('File of the train part'),
    views: z
      .record(z.string().min(1), z.string().min(1))
      .refine((views) => Object.keys(views).length > 0, 'expected at least one view')
      .optional()
      .describe(
        'Instead of `path`: files whose row i is about the same example, by name; columns are then called name.column. `label` is looked for in each of them',
      ),
    testPath: z.string().min(1).optional().describe('File of the test part; default: carved from train'),
    validationPath: z.string().min(1).optional().describe('File of the validation part; default: carved from train'),
    header: z.boolean().default(true).describe('Whether the first row names the columns; else they are 0, 1, …'),
    delimiter: z.string().min(1).max(4).default(',').describe('What stands between cells'),
    ...tableOptions,
  }),
  async open(options, { folder, maxBytes }) {
    const read = async (path: string | undefined): Promise<Table | undefined> => {
      if (path === undefined) return undefined;
      const where = resolvePath(folder, path);
      return parseCsv(await readText(where, maxBytes), where, options);
    };
    const { path, views, testPath, validationPath } = options;
    checkOneWay(path, views);
    if (views) {
      if (testPath ?? validationPath) {
        throw new DataError({
          where: 'data',
          found: '`testPath` or `validationPath` beside `views`',
          expected: 'views alone: test and validation are carved from their rows',
          fix: 'leave them out, or join the files of each part to one',
        });
      }
      const tables: Record<string, Table> = {};
      for (const [name, file] of Object.entries(views)) tables[name] = (await read(file))!;
      const { table, label } = joinViews(tables, options.label);
      return tableSource({ train: table }, { ...options, label });
    }
    const train = (await read(path))!;
    return tableSource({ train, test: await read(testPath), validation: await read(validationPath) }, options);
  },
});

interface Format {
  readonly header: boolean;
  readonly delimiter: string;
  /** Whether a cell in double quotes may hold delimiters and ends of lines; default true. */
  readonly quotes?: boolean;
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Cells of a CSV text; rows of another length than the header are left for the table to report. */
export function parseCsv(text: Buffer, name: string, { header, delimiter, quotes = true }: Format): Table {
  const records = parseRecords(text, name, delimiter, quotes);
  const first = records[0]?.record ?? [];
  const body = header ? records.slice(1) : records;
  return {
    name,
    header: header ? first.map((cell) => cell.trim()) : first.map((_, c) => String(c)),
    rows: body.map((r) => r.record),
    where: (row) => `${name}, line ${body[row]!.info.lines}`,
  };
}

function parseRecords(text: Buffer, name: string, delimiter: string, quotes: boolean): readonly CsvRecord[] {
  try {
    const options = {
      bom: true,
      delimiter,
      info: true,
      quote: quotes ? '"' : false,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 1 << 24,
    };
    return parse(text, options) as unknown as readonly CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DataError(
      { where: name, found: error.message, expected: 'CSV (RFC 4180)', fix: 'check the quotes and the delimiter' },
      'data',
      error,
    );
  }
}
