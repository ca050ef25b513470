import { z } from 'zod';
import { contentKeys } from './content.ts';
import { type Dataset, subset } from './dataset.ts';
import { DataError } from './error.ts';
import { random } from './random.ts';
import type { Source } from './source.ts';

const amount = z.union([z.number().gt(0).lt(1), z.int().min(1)]);

/** How a source is divided; the same for every kind of data. */
export const splitOptions = z.strictObject({
  validation: z
    .union([amount, z.literal(0)])
    .optional()
    .describe(
      'Size of the validation split, as a fraction or a count; default: all of the source’s own, else 0.1 of train; 0 for none',
    ),
  test: amount
    .optional()
    .describe('Size of the test split, as a fraction or a count; default: all of the source’s own, else 0.15'),
  only: z
    .array(z.union([z.string(), z.int().min(0)]))
    .min(1)
    .optional()
    .describe('Use only these classes, by name or by number from 0; they are counted anew in this order'),
  limit: amount.optional().describe('Use only so much of the train split, as a fraction or a count, every class in proportion'),
  perClass: z.int().min(1).optional().describe('Use only so many labelled examples of each class of the train split'),
  pickSeed: z.int().optional().describe('Seed of what `limit` and `perClass` choose; splitSeed unless told'),
  splitSeed: z.int().default(0).describe('Seed of the division, apart from the seeds of training'),
});
export type SplitOptions = z.output<typeof splitOptions>;

/** Train, validation and test views of one source: no example, nor a copy of one, is in two of them. */
export interface Splits {
  /** Of the source. */
  readonly name: string;
  /** Empty where the source holds no examples, as `test` is then. */
  readonly train: Dataset;
  /** May be empty. */
  readonly validation: Dataset;
  readonly test: Dataset;
  /** What a reader should know about the division. */
  readonly notes: readonly string[];
}

/** Indices of examples with the same content, which stay together. */
type Group = readonly number[];

/** A part of the source with the content keys of its examples. */
interface Part {
  readonly dataset: Dataset;
  readonly keys: Float64Array;
}

const DEFAULT_TEST = 0.15;
const DEFAULT_VALIDATION = 0.1;

/**
 * Divides a source. Splits that the source lacks are carved from train, every class in proportion; whatever of train is also in
 * test or validation is left out of train.
 */
export function split(source: Source, options: SplitOptions, name = source.train.name): Splits {
  const { splitSeed: seed, pickSeed = seed } = options;
  const notes: string[] = [...(source.notes ?? [])];
  const part = (dataset: Dataset): Part => ({ dataset, keys: contentKeys(dataset) });
  const whole = part(source.train);
  let groups = groupByContent(whole, all(source.train.size));
  const total = labelledSize(whole, groups);

  const take = (own: Dataset | null, size: number | undefined, fallback: number, name: string): Part => {
    if (own) return part(size === undefined ? own : thin(part(own), count(size, own.size, name), seed, name));
    const { picked, rest } = carve(whole, groups, count(size ?? fallback, total, name), seed, name);
    groups = rest;
    return pick(whole, flatten(picked), name);
  };
  const test = take(source.test, options.test, DEFAULT_TEST, 'test');
  let validation =
    options.validation === 0
      ? pick(whole, [], 'validation')
      : take(source.validation, options.validation, DEFAULT_VALIDATION, 'validation');

  const inTest = new Set(test.keys);
  const fresh = all(validation.dataset.size).filter((i) => !inTest.has(validation.keys[i]!));
  if (fresh.length < validation.dataset.size) {
    notes.push(`${validation.dataset.size - fresh.length} validation examples that are also in test were left out.`);
    validation = pick(validation, fresh, 'validation');
  }
  const held = new Set([...inTest, ...validation.keys]);
  const own = groups.filter((g) => !held.has(whole.keys[g[0]!]!));
  const dropped = flatten(groups).length - flatten(own).length;
  if (dropped > 0) notes.push(`${dropped} train examples that are also in test or validation were left out.`);
  const kept =
    options.limit === undefined
      ? own
      : carve(whole, own, count(options.limit, flatten(own).length, 'limit'), pickSeed, 'limit', true).picked;
  const few = options.perClass === undefined ? kept : fewOfEach(whole, kept, options.perClass, pickSeed);
  const train = pick(whole, flatten(few), 'train');
  for (const [name, { dataset }] of Object.entries({ train, test })) {
    if (dataset.size === 0 && !source.withoutExamples) {
      throw new DataError({
        where: `data, ${name} split`,
        found: 'no examples are left in it',
        expected: 'at least one',
        fix: 'bring more data, or take smaller `test` and `validation` splits',
      });
    }
  }
  const view = source.fit(train.dataset);
  return { name, train: view(train.dataset), validation: view(validation.dataset), test: view(test.dataset), notes };
}

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const flatten = (groups: readonly Group[]): number[] => groups.flat().sort((a, b) => a - b);

const pick = ({ dataset, keys }: Part, indices: readonly number[], name: string): Part => ({
  dataset: subset(dataset, Uint32Array.from(indices), name),
  keys: Float64Array.from(indices, (i) => keys[i]!),
});

/** A stratified choice of `size` examples of one part. */
function thin(whole: Part, size: number, seed: number, name: string): Dataset {
  const groups = groupByContent(whole, all(whole.dataset.size));
  return pick(whole, flatten(carve(whole, groups, size, seed, name, true).picked), name).dataset;
}

function groupByContent({ keys }: Part, indices: readonly number[]): Group[] {
  const groups = new Map<number, number[]>();
  for (const i of indices) {
    const group = groups.get(keys[i]!);
    if (group) group.push(i);
    else groups.set(keys[i]!, [i]);
  }
  return [...groups.values()];
}

/** So many examples of each class, in an order that depends on the seed alone, so that fewer are part of more. */
function fewOfEach(part: Part, groups: readonly Group[], each: number, seed: number): Group[] {
  const classes = [...new Set(groups.map((g) => classOf(part, g)))].filter((c) => c >= 0).sort((a, b) => a - b);
  if (classes.length === 0) {
    throw new DataError({
      where: 'data.perClass',
      found: 'no example has a class',
      expected: 'data with classes',
      fix: 'take `limit` for other data',
    });
  }
  return classes.flatMap((c) => {
    // One of each group: copies would count as several.
    const members = groups
      .filter((g) => classOf(part, g) === c)
      .map((g) => g.filter((i) => part.dataset.label(i) === c).slice(0, 1));
    if (members.length < each) {
      throw new DataError({
        where: 'data.perClass',
        found: `${members.length} different examples of class '${part.dataset.classes?.[c] ?? c}'`,
        expected: `at least ${each}`,
        fix: 'take a smaller `perClass`, or bring more data',
      });
    }
    const order = random(seed, 'split/perClass', c).permutation(members.length);
    return Array.from(order.subarray(0, each), (m) => members[m]!);
  });
}

/** The class of a group is that of its first labelled example, −1 where there is none. */
const classOf = ({ dataset }: Part, group: Group): number => {
  for (const i of group) if (dataset.label(i) >= 0) return dataset.label(i);
  return -1;
};

/** How many examples can be held out: the labelled ones, or all where nothing is labelled. */
function labelledSize(part: Part, groups: readonly Group[]): number {
  const labelled = groups.filter((g) => classOf(part, g) >= 0);
  return flatten(labelled.length > 0 ? labelled : groups).length;
}

function count(size: number, of: number, name: string): number {
  const n = size < 1 ? Math.max(1, Math.round(size * of)) : size;
  if (n > of || (n === of && size < 1)) {
    throw new DataError({
      where: `data.${name}`,
      found: `${size}, which is ${n} examples`,
      expected: `fewer than the ${of} there are`,
      fix: `take a smaller \`${name}\``,
    });
  }
  return n;
}

/**
 * Picks about `size` examples, the classes in proportion and in an order that depends on the seed and the name alone, so that a
 * smaller pick of a class is part of a larger one. Unlabelled examples are picked only where nothing is labelled, or with `unlabelledToo`.
 */
function carve(
  part: Part,
  groups: readonly Group[],
  size: number,
  seed: number,
  name: string,
  unlabelledToo = false,
): { readonly picked: Group[]; readonly rest: Group[] } {
  const strata = new Map<number, Group[]>();
  for (const group of groups) {
    const c = classOf(part, group);
    const stratum = strata.get(c);
    if (stratum) stratum.push(group);
    else strata.set(c, [group]);
  }
  const open = [...strata.keys()].sort((a, b) => a - b).filter((c) => c >= 0 || unlabelledToo || strata.size === 1);
  const sizes = open.map((c) => flatten(strata.get(c)!).length);
  const quotas = proportional(size, sizes);
  const picked = new Set<Group>();
  open.forEach((c, s) => {
    const members = strata.get(c)!;
    let left = quotas[s]!;
    for (const g of random(seed, `split/${name}`, c).permutation(members.length)) {
      const group = members[g]!;
      if (group.length > left) continue;
      picked.add(group);
      left -= group.length;
    }
  });
  return { picked: [...picked], rest: groups.filter((g) => !picked.has(g)) };
}

/** Whole numbers that add up to `size` in proportion to `sizes` (largest remainders). */
export function proportional(size: number, sizes: readonly number[]): number[] {
  const total = sizes.reduce((a, b) => a + b, 0);
  const exact = sizes.map((n) => (size * n) / total);
  const quotas = exact.map(Math.floor);
  const missing = size - quotas.reduce((a, b) => a + b, 0);
  const order = exact.map((x, i) => ({ i, left: x - Math.floor(x) })).sort((a, b) => b.left - a.left || a.i - b.i);
  for (const { i } of order.slice(0, missing)) quotas[i]!++;
  return quotas;
}
