import { z } from 'zod';
import { type Dataset, type ExampleType, floatDataset, imageDataset, plainTarget, plainVector } from '../dataset.ts';
import { collectIssues, DataError, type Issues } from '../error.ts';
import { defineSource, plainSource, type Source } from '../source.ts';
import { standardise } from '../standardise.ts';
import { tableOfObjects } from './jsonl.ts';
import { tableOptions, tableSource } from './table.ts';

export const arrays = defineSource({
  kind: 'arrays',
  summary: 'Examples that a program hands over, made with fromArrays, fromRows or fromIterable.',
  options: z.strictObject({
    kind: z.literal('arrays'),
    name: z.string().min(1).default('data').describe('Name under which the program supplies them'),
  }),
  async open({ name }, { supplied }) {
    const source = supplied[name];
    if (source) return source;
    const names = Object.keys(supplied);
    throw new DataError({
      where: 'data.name',
      found: `nothing was supplied under '${name}'`,
      expected: names.length > 0 ? `one of ${names.join(', ')}` : 'a source made by code',
      fix: 'data of this kind comes from a program: pass it with `supplied`',
    });
  },
});

/** Examples of one part, one after another. */
export interface PartArrays {
  /** Bytes (pictures, 0…255) or numbers as they are (pictures: 0…1). */
  readonly x: Uint8Array | Uint8ClampedArray | Float32Array;
  /** Class of each example, −1 where it has none. */
  readonly labels?: ArrayLike<number>;
  /** Numbers to predict, row after row. */
  readonly targets?: ArrayLike<number>;
}

export interface ArrayOptions {
  /** Shape of one example: [C,H,W] for pictures, [n] for vectors. */
  readonly shape: readonly number[];
  /** Names of the classes; default: their numbers, if there are labels. */
  readonly classes?: readonly string[];
  /** Names of the numbers to predict. */
  readonly targets?: readonly string[];
  /** Names of the numbers of a vector. */
  readonly columns?: readonly string[];
}

/** A source from typed arrays; regression targets are standardised, features are taken as they are. Throws `DataError`. */
export function fromArrays(
  parts: { readonly train: PartArrays; readonly test?: PartArrays; readonly validation?: PartArrays },
  options: ArrayOptions,
): Source {
  const issues = collectIssues();
  const example = exampleOf(options, issues);
  issues.check();
  const labels = parts.train.labels;
  const most = labels ? Array.from(labels).reduce((a, b) => Math.max(a, b), 1) : 0;
  const classes = options.classes ?? (labels ? Array.from({ length: most + 1 }, (_, c) => String(c)) : null);
  const targets = options.targets ?? [];
  const named = Object.entries(parts) as [string, PartArrays][];
  for (const [name, part] of named) checkPart(name, part, example, classes, targets, issues);
  issues.check();
  const build = (name: string, part: PartArrays | undefined): Dataset | null =>
    part ? toDataset(name, part, example, classes, targets) : null;
  const source = plainSource(build('train', parts.train)!, build('test', parts.test), build('validation', parts.validation));
  return targets.length > 0 ? { ...source, fit: (train) => standardise(train, []) } : source;
}

function exampleOf({ shape, columns }: ArrayOptions, issues: Issues): ExampleType {
  if (!shape.every((n) => Number.isInteger(n) && n > 0) || (shape.length !== 1 && shape.length !== 3)) {
    issues.add({
      where: 'shape',
      found: `[${shape}]`,
      expected: '[channels, height, width] or [length], positive whole numbers',
    });
  }
  const [n = 0, height, width] = shape;
  if (height !== undefined && width !== undefined) return { layout: 'image', shape: [n, height, width] };
  if (columns && columns.length !== n)
    issues.add({ where: 'columns', found: `${columns.length} names`, expected: `${n}, one a number` });
  return plainVector(columns ?? Array.from({ length: n }, (_, c) => `x${c + 1}`));
}

function checkPart(
  name: string,
  { x, labels, targets }: PartArrays,
  example: ExampleType,
  classes: readonly string[] | null,
  outputs: readonly string[],
  issues: Issues,
): void {
  const width = (example.shape as readonly number[]).reduce((a, b) => a * b, 1);
  const size = x.length / width;
  if (!Number.isInteger(size) || size === 0) {
    issues.add({
      where: `${name}.x`,
      found: `${x.length} numbers`,
      expected: `a positive multiple of ${width}, the size of an example`,
    });
    return;
  }
  const bad = x.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    issues.add({ where: `${name}.x, example ${Math.floor(bad / width)}`, found: String(x[bad]), expected: 'finite numbers' });
  if (labels && labels.length !== size)
    issues.add({ where: `${name}.labels`, found: `${labels.length} labels`, expected: `${size}, one an example` });
  if (labels && classes) {
    const wrong = Array.from(labels).findIndex((l) => !Number.isInteger(l) || l < -1 || l >= classes.length);
    if (wrong >= 0) {
      issues.add({
        where: `${name}.labels, example ${wrong}`,
        found: String(labels[wrong]),
        expected: `−1 to ${classes.length - 1}`,
      });
    }
  }
  if ((targets?.length ?? 0) !== size * outputs.length) {
    issues.add({
      where: `${name}.targets`,
      found: `${targets?.length ?? 0} numbers`,
      expected: `${size * outputs.length}: ${outputs.length} an example`,
      fix: 'name the targets in `targets`, and give each example all of them',
    });
  } else if (targets) {
    const wrong = Array.from(targets).findIndex((v) => !Number.isFinite(v));
    if (wrong >= 0) issues.add({ where: `${name}.targets`, found: `${targets[wrong]} at ${wrong}`, expected: 'finite numbers' });
  }
}

function toDataset(
  name: string,
  { x, labels, targets }: PartArrays,
  example: ExampleType,
  classes: readonly string[] | null,
  outputs: readonly string[],
): Dataset {
  const owned = labels ? Int32Array.from(labels) : null;
  const isBytes = example.layout === 'image' && !(x instanceof Float32Array);
  if (isBytes && outputs.length === 0) {
    return imageDataset({ name, shape: example.shape, bytes: Uint8Array.from(x), labels: owned, classes });
  }
  return floatDataset({
    name,
    example,
    values: isBytes ? Float32Array.from(x, (b) => b / 255) : Float32Array.from(x),
    labels: owned,
    classes,
    targets: outputs.map(plainTarget),
    targetValues: Float32Array.from(targets ?? []),
  });
}

/** One example as a program yields it. */
export interface SuppliedExample {
  readonly x: ArrayLike<number>;
  /** Name or index of its class; none or null: unlabelled. */
  readonly label?: string | number | null;
  readonly targets?: readonly number[];
}

/**
 * A source from examples that come one by one, now or later (a generator, a database cursor, a stream); splits are carved from
 * them. Pictures given as bytes (`Uint8Array`) are kept as bytes.
 */
export async function fromIterable(
  examples: Iterable<SuppliedExample> | AsyncIterable<SuppliedExample>,
  options: ArrayOptions,
): Promise<Source> {
  const width = options.shape.reduce((a, b) => a * b, 1);
  const issues = collectIssues();
  const xs: ArrayLike<number>[] = [];
  const labels: number[] = [];
  const targets: number[] = [];
  const names = new Map(options.classes?.map((name, c) => [name, c]));
  let bytes = true;
  let labelled = false;
  for await (const { x, label = null, targets: values = [] } of examples) {
    const where = `example ${xs.length}`;
    if (x.length !== width)
      issues.add({ where, found: `${x.length} numbers`, expected: `${width}, as in the shape [${options.shape}]` });
    if (values.length !== (options.targets?.length ?? 0)) {
      issues.add({
        where,
        found: `${values.length} targets`,
        expected: `${options.targets?.length ?? 0}, as named in \`targets\``,
      });
    }
    const c = label === null ? -1 : typeof label === 'number' ? label : names.get(label);
    if (c === undefined) issues.add({ where, found: `class '${label}'`, expected: 'a name in `classes`, or an index' });
    labelled ||= label !== null;
    bytes &&= x instanceof Uint8Array || x instanceof Uint8ClampedArray;
    xs.push(x);
    labels.push(c ?? -1);
    targets.push(...values);
  }
  if (xs.length === 0) issues.add({ where: 'examples', found: 'none', expected: 'at least one' });
  issues.check();
  const x = new (bytes ? Uint8Array : Float32Array)(xs.length * width);
  xs.forEach((values, i) => {
    x.set(values, i * width);
  });
  const classes = options.classes !== undefined || labelled;
  return fromArrays({ train: { x, ...(classes ? { labels } : {}), ...(targets.length > 0 ? { targets } : {}) } }, options);
}

const rowOptions = z.strictObject(tableOptions);

/** A source from objects or lists, with the options of the CSV and JSONL readers (`label`, `targets`, `features`…). */
export async function fromRows(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  options: z.input<typeof rowOptions> = {},
): Promise<Source> {
  const list: unknown[] = [];
  for await (const row of rows) list.push(row);
  const issues = collectIssues();
  const train = tableOfObjects(list, 'rows', (row) => `row ${row}`, issues);
  issues.check();
  return tableSource({ train }, rowOptions.parse(options));
}
