import { answerSize, type Dataset, exampleSize, floatDataset, type Spreads, type Target } from '../dataset.ts';
import { DataError } from '../error.ts';
import { random } from '../random.ts';

/** Made-up examples with what a teacher says of them. */
export interface Block {
  /** Example after example. */
  readonly x: Float32Array;
  /** The class of each, for data with classes. */
  readonly labels: Int32Array | null;
  /** The values of each, row after row, for data with values to predict. */
  readonly targets: Float32Array | null;
}

/** Which example makes room for a new one: the oldest, or any, so that all that ever came are equally likely to be there (Vitter 1985, algorithm R). */
export const replacements = ['oldest', 'reservoir'] as const;

/** What a memory of made-up examples is of, and how much it holds. */
export interface GatheredOptions extends Pick<Dataset, 'name' | 'example' | 'classes'> {
  readonly targets: readonly Target[];
  readonly spreads: Spreads | null;
  /** Most examples at a time; null: all that come. */
  readonly capacity: number | null;
  readonly replace: (typeof replacements)[number];
  /** Of what a reservoir replaces. */
  readonly seed: number;
}

/** A memory of made-up examples that grows, and then replaces. What is in it is a function of the seed and of what came, in its order. */
export interface Gathered {
  readonly options: GatheredOptions;
  /** Examples that are held. */
  readonly size: number;
  /** Examples that ever came. */
  readonly seen: number;
  /** @throws DataError for numbers that are not finite, and for more than a machine holds. */
  add(block: Block): void;
  /** What is held now as a set to train on; of a memory that replaces, good until more is added. */
  dataset(): Dataset;
  /** What is held now, in the order of the places: with `seen` all that there is to know of the memory. */
  held(): Block;
}

/** Numbers for which memory is taken at first. */
const first = 1 << 16;
/** 4 GiB of float32. */
const mostNumbers = 2 ** 30;

/**
 * A memory of made-up examples.
 * @param from What one held after so many examples, to go on from there.
 */
export function gather(options: GatheredOptions, from: { readonly held: Block; readonly seen: number } | null = null): Gathered {
  const { example, classes, targets, capacity, replace, seed } = options;
  const width = exampleSize({ example });
  const values = targets.length;
  const most = capacity ?? Number.POSITIVE_INFINITY;
  let x = new Float32Array(0);
  let labels = new Int32Array(0);
  let targetValues = new Float32Array(0);
  let size = 0;
  let seen = 0;

  const room = (wanted: number): void => {
    if (wanted * width <= x.length) return;
    if (wanted * width > mostNumbers) {
      throw new DataError({
        where: 'made-up examples',
        found: `${wanted} of ${width} numbers`,
        expected: `at most ${Math.floor(mostNumbers / width)}`,
        fix: 'keep fewer at a time: give the memory a capacity',
      });
    }
    const rows = Math.min(most, Math.max(wanted, Math.ceil(first / width), Math.floor((1.5 * x.length) / width)));
    x = enlarged(x, new Float32Array(rows * width));
    labels = enlarged(labels, new Int32Array(rows));
    targetValues = enlarged(targetValues, new Float32Array(rows * values));
  };
  const put = (block: Block, i: number, place: number): void => {
    x.set(block.x.subarray(i * width, (i + 1) * width), place * width);
    if (block.labels) labels[place] = block.labels[i]!;
    if (block.targets) targetValues.set(block.targets.subarray(i * values, (i + 1) * values), place * values);
  };
  /** Where example number `n` goes once the memory is full; past its end: nowhere. */
  const placeOf: Readonly<Record<GatheredOptions['replace'], (n: number) => number>> = {
    oldest: (n) => n % most,
    reservoir: (n) => random(seed, 'gathered', n).integer(n + 1),
  };
  const take = (block: Block, count: number): void => {
    room(Math.min(most, size + count));
    for (let i = 0; i < count; i++, seen++) {
      const place = size < most ? size++ : placeOf[replace](seen);
      if (place < most) put(block, i, place);
    }
  };
  if (from) {
    take(from.held, blockSize(from.held, options));
    seen = from.seen;
  }

  return {
    options,
    get size() {
      return size;
    },
    get seen() {
      return seen;
    },
    add(block) {
      const count = blockSize(block, options);
      const bad = firstBad(block);
      if (bad >= 0) {
        throw new DataError({
          where: `made-up example ${seen + Math.floor(bad / width)}`,
          found: 'numbers that are not finite',
          expected: 'finite numbers',
          fix: 'what makes the examples has diverged: give it a smaller learning rate',
        });
      }
      take(block, count);
    },
    dataset: () =>
      withLengths(
        floatDataset({
          name: options.name,
          example,
          values: x.subarray(0, size * width),
          labels: classes && labels.subarray(0, size),
          classes,
          targets,
          targetValues: targetValues.subarray(0, size * values),
        }),
        options.spreads,
      ),
    held: () => ({
      x: x.slice(0, size * width),
      labels: classes && labels.slice(0, size),
      targets: values > 0 ? targetValues.slice(0, size * values) : null,
    }),
  };
}

function enlarged<T extends Float32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Examples in a block. @throws Error where its parts do not fit each other or the memory: a mistake of the program. */
export function blockSize({ x, labels, targets }: Block, { example, classes, targets: values }: GatheredOptions): number {
  const count = x.length / exampleSize({ example });
  const fits = Number.isInteger(count) && (labels?.length ?? 0) === (classes ? count : 0);
  if (fits && (targets?.length ?? 0) === values.length * count) return count;
  throw new Error(
    `internal: a block of ${x.length} numbers, ${labels?.length ?? 'no'} labels and ${targets?.length ?? 'no'} target values for examples of [${example.shape}]`,
  );
}

/** Place in `x` of the first example with something that is not finite in it or in its values; −1: none. */
function firstBad({ x, targets }: Block): number {
  const bad = x.findIndex((v) => !Number.isFinite(v));
  const at = targets?.findIndex((v) => !Number.isFinite(v)) ?? -1;
  return bad < 0 && at >= 0 ? Math.floor((at * x.length) / targets!.length) : bad;
}

/** Of texts: how long each is, and rows as long as is asked for. */
function withLengths(dataset: Dataset, spreads: Spreads | null): Dataset {
  const { example } = dataset;
  const known = { ...dataset, ...(spreads && { spreads }) };
  if (example.layout !== 'tokens') return known;
  const longest = example.shape[1];
  const whole = new Float32Array(2 * longest);
  return {
    ...known,
    length(i) {
      dataset.read(i, whole, 0);
      const end = whole.subarray(longest).indexOf(0);
      return end < 0 ? longest : end;
    },
    read(i, out, offset, length = longest) {
      dataset.read(i, whole, 0);
      for (const row of [0, 1]) out.set(whole.subarray(row * longest, row * longest + length), offset + row * length);
    },
  };
}

/**
 * Made-up examples with the teacher's answers: its first largest output as the class, or its outputs as the values.
 * @param x [B, …example]
 * @param outputs [B, K], the teacher's logits or values, as the data scales them.
 */
export function answered(x: Float32Array, outputs: Float32Array, data: Pick<Dataset, 'classes' | 'targets' | 'example'>): Block {
  const count = x.length / exampleSize(data);
  const width = answerSize(data);
  if (width > 0 && outputs.length !== count * width) {
    throw new Error(`internal: ${outputs.length} outputs for ${count} examples with ${width} answers`);
  }
  const best = (i: number): number => {
    const row = outputs.subarray(i * width, (i + 1) * width);
    return row.reduce((at, v, k) => (v > row[at]! ? k : at), 0);
  };
  return {
    x,
    labels: data.classes && Int32Array.from({ length: count }, (_, i) => best(i)),
    targets: data.targets.length > 0 ? outputs.slice() : null,
  };
}
