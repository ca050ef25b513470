import type { Dataset } from './dataset.ts';
import type { Random } from './random.ts';

/** Which examples are in which batch, and how long the batch is. */
export interface Order {
  /** Example by place, batch after batch. */
  readonly examples: ArrayLike<number> | null;
  /** Length of each batch; null where all examples are of one size. */
  readonly lengths: ArrayLike<number> | null;
}

/** Engines like sizes that are multiples of this. */
const grain = 8;

/** Every multiple of 8 up to the longest, and the longest itself. */
export const everyLength = (longest: number): readonly number[] =>
  Array.from({ length: Math.ceil(longest / grain) }, (_, i) => Math.min(longest, (i + 1) * grain));

/** The shortest of some lengths, in rising order, that holds so many tokens. */
const lengthFor = (tokens: number, lengths: readonly number[]): number => lengths.find((l) => l >= tokens)!;

/**
 * At most `count` lengths that leave the least padding, if every example goes into the shortest one that holds it.
 *
 * @param dataset One whose examples have lengths.
 * @returns rising; the last one holds the longest example.
 */
export function bucketLengths(dataset: Dataset, count: number): readonly number[] {
  const sizes = Array.from({ length: dataset.size }, (_, i) => dataset.length!(i));
  const all = everyLength(Math.max(1, ...new Set(sizes)));
  const held = all.map(() => 0);
  for (const size of sizes) held[all.indexOf(lengthFor(size, all))]!++;
  /** Tokens of the examples between two candidates, the first left out, padded to the second. */
  const padded = (after: number, to: number): number => all[to]! * held.slice(after + 1, to + 1).reduce((a, b) => a + b, 0);
  let best = all.map((_, to) => ({ cost: padded(-1, to), chosen: [all[to]!] }));
  for (let n = 2; n <= count; n++) {
    best = all.map((_, to) =>
      best.slice(0, to).reduce((least, { cost, chosen }, from) => {
        const split = { cost: cost + padded(from, to), chosen: [...chosen, all[to]!] };
        return split.cost < least.cost ? split : least;
      }, best[to]!),
    );
  }
  return best.at(-1)!.chosen;
}

interface Bucketing {
  readonly batchSize: number;
  readonly lengths: readonly number[];
  /** Leave out examples, drawn at random, that would not fill a batch. */
  readonly whole: boolean;
}

/** So many batches in a row are sorted by length: several of one length can go to the engine together. */
const window = 16;

/** A random order in which a batch has examples of one bucket, but for those that are left over: they share the longer one's. */
export function inBuckets(dataset: Dataset, { batchSize, lengths, whole }: Bucketing, draws: Random): Order {
  const permutation = draws.permutation(dataset.size);
  const used = whole && dataset.size >= batchSize ? dataset.size - (dataset.size % batchSize) : dataset.size;
  const waiting = new Map(lengths.map((l): [number, number[]] => [l, []]));
  const batches: { readonly length: number; readonly examples: readonly number[] }[] = [];
  for (const i of permutation.subarray(0, used)) {
    const length = lengthFor(dataset.length!(i), lengths);
    const bucket = waiting.get(length)!;
    bucket.push(i);
    if (bucket.length === batchSize) batches.push({ length, examples: bucket.splice(0) });
  }
  const rest = [...waiting].flatMap(([length, bucket]) => bucket.map((i) => ({ length, i })));
  const partial: typeof batches = [];
  for (let at = 0; at < rest.length; at += batchSize) {
    const some = rest.slice(at, at + batchSize);
    (some.length === batchSize ? batches : partial).push({ length: some.at(-1)!.length, examples: some.map((r) => r.i) });
  }
  const shuffled = [...Array.from(draws.permutation(batches.length), (b) => batches[b]!), ...partial];
  const sorted = Array.from({ length: Math.ceil(shuffled.length / window) }, (_, w) =>
    grouped(shuffled.slice(w * window, (w + 1) * window), (b) => b.length),
  ).flat();
  // A batch that is not full stays the last.
  const last = partial[0];
  const ordered = last ? [...sorted.filter((b) => b !== last), last] : sorted;
  return { examples: Uint32Array.from(ordered.flatMap((b) => b.examples)), lengths: Uint32Array.from(ordered, (b) => b.length) };
}

/** Equal keys together, in the order in which they first come. */
function grouped<T, K>(items: readonly T[], key: (item: T) => K): T[] {
  const keys = [...new Set(items.map(key))];
  return keys.flatMap((k) => items.filter((item) => key(item) === k));
}

/** The order of the set, or a permutation of it; a batch is as long as its longest example needs. */
export function inOrder(dataset: Dataset, batchSize: number, lengths: readonly number[], permutation: Uint32Array | null): Order {
  const { length } = dataset;
  if (!length) return { examples: permutation, lengths: null };
  const steps = Math.ceil(dataset.size / batchSize);
  const longest = (step: number): number => {
    const end = Math.min(dataset.size, (step + 1) * batchSize);
    let most = 1;
    for (let at = step * batchSize; at < end; at++) most = Math.max(most, length(permutation ? permutation[at]! : at));
    return lengthFor(most, lengths);
  };
  return { examples: permutation, lengths: Uint32Array.from({ length: steps }, (_, step) => longest(step)) };
}

/** Examples from the shortest to the longest; null where all are of one size. */
export function byLength(dataset: Dataset): Uint32Array | null {
  const { length } = dataset;
  if (!length) return null;
  const sizes = Uint32Array.from({ length: dataset.size }, (_, i) => length(i));
  return Uint32Array.from({ length: dataset.size }, (_, i) => i).sort((a, b) => sizes[a]! - sizes[b]! || a - b);
}

/** The median number of tokens, to a multiple of 8, or the longest of an empty set; null where all examples are of one size. */
export function usualLength(dataset: Dataset): number | null {
  const order = byLength(dataset);
  if (!order) return null;
  const [, longest] = dataset.example.shape as readonly number[];
  if (order.length === 0) return longest!;
  return lengthFor(dataset.length!(order[order.length >> 1]!), everyLength(longest!));
}
