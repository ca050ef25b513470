import { z } from 'zod';
import { type Column, type Dataset, floatDataset, plainTarget } from '../dataset.ts';
import { collectIssues, type Issues } from '../error.ts';
import type { Source } from '../source.ts';
import { standardise } from '../standardise.ts';
import { columnRef, distinctNames, findColumns } from './columns.ts';

/** One cell; null is missing. */
export type Cell = string | number | null;

/** Rows of cells as a file or code gives them. */
export interface Table {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Where row r stands, for messages: `housing.csv, line 12`. */
  where(row: number): string;
}

/** What the columns of a table mean; the same for every format. */
export const tableOptions = {
  label: columnRef
    .optional()
    .describe('Column of the class, by name or position (negative: from the end); empty cells are unlabelled'),
  targets: z.array(columnRef).min(1).optional().describe('Columns to predict as numbers (regression); standardised'),
  features: z.array(columnRef).min(1).optional().describe('Columns to predict from; default: all others'),
  categorical: z.array(columnRef).default([]).describe('Features to be one-hot although they look like numbers; text always is'),
  classes: z.array(z.string()).min(2).optional().describe('Names of the classes in their order; default: those in train, sorted'),
  missing: z
    .enum(['error', 'mean', 'drop'])
    .default('error')
    .describe('What a missing feature does: stop, become the mean of the train split, or drop its row'),
  missingValues: z.array(z.string()).default(['', 'NA', 'N/A', 'NaN', 'nan', 'null', '?']).describe('Cells that mean: missing'),
  standardise: z
    .boolean()
    .default(true)
    .describe('Bring numeric features to mean 0 and standard deviation 1 (of the train split)'),
} as const;
export type TableOptions = z.output<z.ZodObject<typeof tableOptions>>;

/** One-hot columns beyond this are a mistake: an identifier or free text. */
const MOST_LEVELS = 1000;

/** A feature column: what it is called, and the numbers it becomes. */
interface Feature {
  readonly at: number;
  readonly name: string;
  /** Levels of a categorical column; null for a numeric one. */
  readonly levels: ReadonlyMap<string, number> | null;
}

/** What the train table decides about all parts. */
interface Plan {
  readonly features: readonly Feature[];
  readonly width: number;
  readonly numeric: readonly number[];
  readonly label: number | null;
  readonly classes: readonly string[] | null;
  readonly classIndex: ReadonlyMap<string, number>;
  readonly targets: readonly number[];
  /** A number near the values of each column, taken off before they become float32, so that large ones keep their digits. */
  readonly shifts: readonly number[];
}

/** Turns tables into a source: finds the columns, checks every cell, and reports all that is wrong at once. */
export function tableSource(
  parts: { readonly train: Table; readonly test?: Table | undefined; readonly validation?: Table | undefined },
  options: TableOptions,
): Source {
  const issues = collectIssues();
  const tables = [parts.train, parts.test, parts.validation].filter((t) => t !== undefined);
  for (const table of tables) checkShape(table, parts.train, issues);
  issues.check();
  const clean = new Map(tables.map((t) => [t, withMissing(t, options.missingValues)]));
  const plan = planColumns(clean.get(parts.train)!, [...clean.values()], options, issues);
  issues.check();
  const build = (table: Table | undefined): Dataset | null => (table ? fill(clean.get(table)!, plan, options, issues) : null);
  const [train, test, validation] = [build(parts.train)!, build(parts.test), build(parts.validation)];
  issues.check();
  return { train, test, validation, fit: (split) => standardise(split, plan.numeric, options.standardise) };
}

function checkShape(table: Table, train: Table, issues: Issues): void {
  if (table.rows.length === 0) issues.add({ where: table.name, found: 'no rows', expected: 'at least one' });
  if (table.header.join('\n') !== train.header.join('\n')) {
    issues.add({
      where: table.name,
      found: `the columns ${table.header.join(', ')}`,
      expected: `those of ${train.name}: ${train.header.join(', ')}`,
      fix: 'use files of the same table',
    });
  }
  table.rows.forEach((cells, row) => {
    if (cells.length !== table.header.length) {
      issues.add({
        where: table.where(row),
        found: `${cells.length} cells`,
        expected: `${table.header.length}, one a column`,
        fix: 'check the delimiter and the quotes',
      });
    }
  });
}

function withMissing(table: Table, missingValues: readonly string[]): Table {
  const missing = new Set(missingValues);
  const clean = (cell: Cell): Cell => {
    if (typeof cell !== 'string') return cell;
    const text = cell.trim();
    return missing.has(text) ? null : text;
  };
  return { ...table, where: table.where, rows: table.rows.map((cells) => cells.map(clean)) };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The number in a cell, NaN where there is none that float32 can hold. */
function numberIn(cell: Cell): number {
  const x = typeof cell === 'string' && NUMBER.test(cell) ? Number(cell) : typeof cell === 'number' ? cell : Number.NaN;
  return Number.isFinite(Math.fround(x)) ? x : Number.NaN;
}

function planColumns(train: Table, tables: readonly Table[], options: TableOptions, issues: Issues): Plan {
  const { header } = train;
  const names = distinctNames(header);
  const one = (found: readonly number[], option: string): number | null => {
    if (found.length > 1) issues.add({ where: `data.${option}`, found: `${found.length} columns`, expected: 'one' });
    return found[0] ?? null;
  };
  const many = (refs: readonly (string | number)[], option: string): readonly number[] =>
    refs.flatMap((ref, k) => findColumns(ref, header, `${option}[${k}]`, issues));
  const label = options.label === undefined ? null : one(findColumns(options.label, header, 'label', issues), 'label');
  const targets = many(options.targets ?? [], 'targets');
  if (options.label !== undefined && options.targets !== undefined) {
    issues.add({
      where: 'data',
      found: 'both `label` and `targets`',
      expected: 'one of them',
      fix: '`label` is for classes, `targets` for numbers',
    });
  }
  const told = new Set([...targets, ...(label === null ? [] : [label])]);
  const at = options.features ? many(options.features, 'features') : header.flatMap((_, c) => (told.has(c) ? [] : [c]));
  for (const c of at) {
    if (told.has(c))
      issues.add({ where: 'data.features', found: `'${names[c]}' is also to be predicted`, expected: 'features apart from it' });
  }
  if (at.length === 0) issues.add({ where: 'data.features', found: 'no columns', expected: 'at least one' });
  const categorical = new Set(many(options.categorical, 'categorical'));
  const features = at.map((c): Feature => {
    const isText = train.rows.every((cells) => cells[c] === null || Number.isNaN(numberIn(cells[c]!)));
    const filled = train.rows.some((cells) => cells[c] !== null);
    const levels = categorical.has(c) || (isText && filled) ? levelsOf(tables, c) : null;
    if (levels && levels.size > MOST_LEVELS) {
      issues.add({
        where: `${train.name}, column '${names[c]}'`,
        found: `${levels.size} different texts`,
        expected: `at most ${MOST_LEVELS} for a categorical column`,
        fix: 'leave it out with `features`, or write numbers into it',
      });
    }
    return { at: c, name: names[c]!, levels };
  });
  let width = 0;
  const numeric: number[] = [];
  for (const { levels } of features) {
    if (!levels) numeric.push(width);
    width += levels?.size ?? 1;
  }
  const classes = label === null ? null : (options.classes ?? [...levelsOf([train], label).keys()]);
  if (classes && classes.length < 2) {
    issues.add({
      where: `${train.name}, column '${names[label!]}'`,
      found: `${classes.length} classes`,
      expected: 'at least two',
    });
  }
  const firstNumber = (c: number): number => {
    for (const cells of train.rows) if (!Number.isNaN(numberIn(cells[c]!))) return numberIn(cells[c]!);
    return 0;
  };
  return {
    features,
    width,
    numeric,
    label,
    classes,
    classIndex: new Map(classes?.map((name, k) => [name, k])),
    targets,
    shifts: header.map((_, c) => (options.standardise || targets.includes(c) ? firstNumber(c) : 0)),
  };
}

/** The different texts of a column, in the order of numbers where they all are numbers, else of the alphabet. */
function levelsOf(tables: readonly Table[], c: number): ReadonlyMap<string, number> {
  const texts = [...new Set(tables.flatMap((t) => t.rows.flatMap((cells) => (cells[c] === null ? [] : [String(cells[c])]))))];
  const numbers = texts.every((t) => !Number.isNaN(numberIn(t)));
  texts.sort(numbers ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1));
  return new Map(texts.map((text, k) => [text, k]));
}

/** Checks and writes the rows of one table. */
function fill(table: Table, plan: Plan, options: TableOptions, issues: Issues): Dataset {
  const names = distinctNames(table.header);
  const used = [...plan.features.map((f) => f.at), ...plan.targets];
  const complete = (cells: readonly Cell[]): boolean => used.every((c) => cells[c] !== null);
  const kept = table.rows.flatMap((cells, r) => (options.missing !== 'drop' || complete(cells) ? [r] : []));
  const values = new Float32Array(kept.length * plan.width);
  const targetValues = new Float32Array(kept.length * plan.targets.length);
  const labels = new Int32Array(kept.length).fill(-1);
  const wrong = (r: number, c: number, found: string, expected: string, fix: string): void =>
    issues.add({ where: `${table.where(r)}, column '${names[c]}'`, found, expected, fix });
  const number = (r: number, c: number, mayMiss: boolean): number => {
    const cell = table.rows[r]![c]!;
    const x = numberIn(cell);
    if (!Number.isNaN(x)) return x - plan.shifts[c]!;
    if (cell === null) {
      if (!mayMiss)
        wrong(r, c, 'the cell is empty', 'a number', 'fill it, or set `missing: drop`, or `missing: mean` for features');
      return Number.NaN;
    }
    const text = `'${String(cell).slice(0, 40)}'`;
    wrong(
      r,
      c,
      text,
      'a number that float32 can hold',
      'mend the cell, add it to `missingValues`, or name the column in `categorical`',
    );
    return Number.NaN;
  };
  kept.forEach((r, i) => {
    const cells = table.rows[r]!;
    let to = i * plan.width;
    for (const { at, levels } of plan.features) {
      if (!levels) values[to++] = number(r, at, options.missing === 'mean');
      else {
        const cell = cells[at]!;
        if (cell !== null) values[to + levels.get(String(cell))!] = 1;
        else if (options.missing === 'error')
          wrong(r, at, 'the cell is empty', 'a value', 'fill it, or set `missing: mean` or `missing: drop`');
        to += levels.size;
      }
    }
    plan.targets.forEach((c, t) => {
      targetValues[i * plan.targets.length + t] = number(r, c, false);
    });
    const name = plan.label === null ? null : cells[plan.label]!;
    if (name === null) return;
    const k = plan.classIndex.get(String(name));
    if (k === undefined)
      wrong(
        r,
        plan.label!,
        `class '${name}'`,
        `one of ${[...plan.classIndex.keys()].slice(0, 20).join(', ')}`,
        'mend it, or list it in `classes`',
      );
    else labels[i] = k;
  });
  const columns = plan.features.flatMap(({ at, name, levels }): Column[] =>
    levels
      ? [...levels.keys()].map((level) => ({ name: `${name}=${level}`, mean: 0, std: 1, fill: null }))
      : [{ name, mean: plan.shifts[at]!, std: 1, fill: null }],
  );
  const shown = plan.features.map((f) => f.at);
  return floatDataset({
    name: table.name,
    example: { layout: 'vector', shape: [plan.width], columns },
    values,
    labels,
    classes: plan.classes,
    targets: plan.targets.map((c) => ({ ...plainTarget(names[c]!), mean: plan.shifts[c]! })),
    targetValues,
    row: (i) => Object.fromEntries(shown.map((c) => [names[c]!, readable(table.rows[kept[i]!]![c]!)])),
  });
}

const readable = (cell: Cell): string | number => (cell === null ? '' : Number.isNaN(numberIn(cell)) ? cell : numberIn(cell));
