import { arrayOf, isFloat, type Tensor } from '../graph/type.ts';
import type { Feeds, ModelSource, Runtime, Session } from '../runtime/port.ts';

/** How far one output of a file is from that of another. */
export interface Parity {
  readonly output: string;
  readonly maxError: number;
  readonly meanError: number;
  /** Root of the mean squared error by that of the mean square of the first file's output. */
  readonly relativeError: number;
  /** Share of rows (along the last axis) whose largest element is in the same place; 1 where rows have one element. */
  readonly agreement: number;
}

/** Milliseconds of one run of each file, medians over turns, and how many times as fast the second is. */
export interface Speed {
  readonly first: number;
  readonly second: number;
  readonly ratio: number;
}

export interface CompareOptions {
  readonly runtime: Pick<Runtime, 'open'>;
  /** Turns of each file, taken one after the other so that both meet the same machine; 15 unless told. */
  readonly turns?: number;
  /** Runs in a turn; the median of them counts. 3 unless told. */
  readonly runs?: number;
}

/** Differences between what two files with the same inputs and outputs say of some batches; float outputs only. */
export async function compareOutputs(
  first: ModelSource,
  second: ModelSource,
  batches: readonly Feeds[],
  { runtime }: CompareOptions,
): Promise<readonly Parity[]> {
  return withBoth(runtime, first, second, async (a, b) => {
    const sums = new Map<string, Sums>();
    for (const feeds of batches) {
      const [one, other] = [await a.run(feeds), await b.run(feeds)];
      for (const [name, t] of Object.entries(one)) {
        if (!isFloat(t.dtype)) continue;
        const s = sums.get(name) ?? noSums();
        sums.set(name, s);
        gather(s, t, other[name]!);
      }
    }
    return [...sums].map(([output, s]) => ({
      output,
      maxError: s.max,
      meanError: s.absolute / Math.max(1, s.count),
      relativeError: s.squares > 0 ? Math.sqrt(s.errors / s.squares) : Math.sqrt(s.errors),
      agreement: s.rows > 0 ? s.same / s.rows : 1,
    }));
  });
}

/** How long two files take for the same batch. */
export async function compareSpeed(
  first: ModelSource,
  second: ModelSource,
  feeds: Feeds,
  { runtime, turns = 15, runs = 3 }: CompareOptions,
): Promise<Speed> {
  return withBoth(runtime, first, second, async (a, b) => {
    const copy = (): Feeds => copied(feeds);
    await a.time(copy(), 1);
    await b.time(copy(), 1);
    const [one, other]: [number[], number[]] = [[], []];
    for (let i = 0; i < turns; i++) {
      one.push(median(await a.time(copy(), runs)));
      other.push(median(await b.time(copy(), runs)));
    }
    return { first: median(one), second: median(other), ratio: median(one) / median(other) };
  });
}

async function withBoth<R>(
  runtime: Pick<Runtime, 'open'>,
  first: ModelSource,
  second: ModelSource,
  work: (a: Session, b: Session) => Promise<R>,
): Promise<R> {
  const a = await runtime.open(first);
  try {
    const b = await runtime.open(second);
    try {
      return await work(a, b);
    } finally {
      await b.release();
    }
  } finally {
    await a.release();
  }
}

interface Sums {
  max: number;
  absolute: number;
  errors: number;
  squares: number;
  count: number;
  rows: number;
  same: number;
}

const noSums = (): Sums => ({ max: 0, absolute: 0, errors: 0, squares: 0, count: 0, rows: 0, same: 0 });

function gather(s: Sums, one: Tensor, other: Tensor): void {
  const [a, b] = [one.data as Float32Array, other.data as Float32Array];
  for (let i = 0; i < a.length; i++) {
    const error = Math.abs(a[i]! - b[i]!);
    // A NaN on one side is an error without measure.
    const counted = !Number.isNaN(error) ? error : Object.is(a[i], b[i]) ? 0 : Number.POSITIVE_INFINITY;
    s.max = Math.max(s.max, counted);
    s.absolute += counted;
    s.errors += counted * counted;
    s.squares += a[i]! * a[i]!;
  }
  s.count += a.length;
  const width = one.shape.at(-1) ?? 1;
  for (let row = 0; row < a.length; row += width) {
    s.rows++;
    if (place(a, row, width) === place(b, row, width)) s.same++;
  }
}

function place(x: Float32Array, from: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (x[from + i]! > x[from + best]!) best = i;
  return best;
}

const copied = (feeds: Feeds): Feeds =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape, data }]) => {
      const own = new (arrayOf(dtype))(data.length);
      (own as Float32Array).set(data as Float32Array);
      return [name, { dtype, shape, data: own }];
    }),
  );

const median = (values: readonly number[]): number => {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = ordered.length >> 1;
  return ordered.length % 2 === 1 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2;
};
