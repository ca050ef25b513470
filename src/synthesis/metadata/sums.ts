import type { Moments } from './metadata.ts';
import { fromTriangle, triangleSize } from './triangle.ts';

/** What moments are made of, in double precision; sums of two parts of the data can be merged. */
export interface Sums {
  readonly count: number;
  /** Whether products of all pairs of numbers are added up, or only squares. */
  readonly pairs: boolean;
  /** [D] */
  readonly mean: Float64Array;
  /** Sums of products of differences from the mean: the lower triangle where all pairs count, else [D] squares. */
  readonly scatter: Float64Array;
}

/** Takes rows one at a time; memory does not grow with their number. */
export interface Accumulator {
  /** Takes the D numbers of `from` that begin at `offset`. */
  add(from: Float32Array, offset: number): void;
  sums(): Sums;
}

/** Rows taken together: a block of them and its correction fit the cache beside a row of the scatter. */
const blockRows = 31;
/** Rows whose products are added at once. */
const atOnce = 4;

const emptySums = (width: number, pairs: boolean): Sums => ({
  count: 0,
  pairs,
  mean: new Float64Array(width),
  scatter: new Float64Array(pairs ? triangleSize(width) : width),
});

/**
 * Adds up the moments of rows by blocks: each is centred about its own mean, and the means are brought together by the update of
 * Chan, Golub & LeVeque 1983 ("Algorithms for computing the sample variance", equations 2.1), so that no large numbers cancel.
 * @param pairs Whether products of all pairs of numbers count, or only squares.
 */
export function accumulator(width: number, pairs: boolean): Accumulator {
  let total = emptySums(width, pairs);
  // One more row for the correction, and zeros up to a whole number of rows at once.
  const rows = Array.from({ length: Math.ceil((blockRows + 1) / atOnce) * atOnce }, () => new Float64Array(width));
  let held = 0;
  const flush = (): void => {
    if (held === 0) return;
    const center = new Float64Array(width);
    for (const row of rows.slice(0, held)) for (let i = 0; i < width; i++) center[i]! += row[i]! / held;
    for (const row of rows.slice(0, held)) for (let i = 0; i < width; i++) row[i]! -= center[i]!;
    total = moved(total, held, center, rows[held]!);
    for (const row of rows.slice(held + 1)) row.fill(0);
    (pairs ? addProducts : addSquares)(total.scatter, rows);
    held = 0;
  };
  return {
    add(from, offset) {
      const row = rows[held++]!;
      for (let i = 0; i < width; i++) row[i] = from[offset + i]!;
      if (held === blockRows) flush();
    },
    sums() {
      flush();
      return total;
    },
  };
}

/** The sums of two parts of the data as those of the whole. */
export function merged(a: Sums, b: Sums): Sums {
  const correction = new Float64Array(a.mean.length);
  const together = moved(a, b.count, b.mean, correction);
  const scatter = together.scatter.map((s, i) => s + b.scatter[i]!);
  (a.pairs ? addProducts : addSquares)(scatter, padded(correction));
  return { ...together, scatter };
}

const padded = (row: Float64Array): readonly Float64Array[] => [
  row,
  ...Array.from({ length: atOnce - 1 }, () => new Float64Array(row.length)),
];

/** Count and mean with `count` more rows of another mean; `correction` gets the row whose products the scatter lacks by that. */
function moved({ count: n, mean, ...rest }: Sums, count: number, center: Float64Array, correction: Float64Array): Sums {
  const whole = n + count;
  const size = whole === 0 ? 0 : Math.sqrt((n * count) / whole);
  const share = whole === 0 ? 0 : count / whole;
  const next = new Float64Array(mean.length);
  for (let i = 0; i < mean.length; i++) {
    const step = center[i]! - mean[i]!;
    correction[i] = step * size;
    next[i] = mean[i]! + step * share;
  }
  return { ...rest, count: whole, mean: next };
}

function addProducts(scatter: Float64Array, rows: readonly Float64Array[]): void {
  const width = rows[0]!.length;
  for (let i = 0; i < width; i++) {
    const start = triangleSize(i);
    for (let r = 0; r < rows.length; r += atOnce) {
      const [a, b, c, d] = [rows[r]!, rows[r + 1]!, rows[r + 2]!, rows[r + 3]!];
      const [x, y, z, w] = [a[i]!, b[i]!, c[i]!, d[i]!];
      if (x === 0 && y === 0 && z === 0 && w === 0) continue;
      for (let j = 0; j <= i; j++) scatter[start + j]! += x * a[j]! + y * b[j]! + z * c[j]! + w * d[j]!;
    }
  }
}

function addSquares(scatter: Float64Array, rows: readonly Float64Array[]): void {
  for (const row of rows) for (let i = 0; i < row.length; i++) scatter[i]! += row[i]! * row[i]!;
}

/** Mean, deviations and, where products of all pairs were added up, covariances of at least two rows. */
export function momentsOf({ count, pairs, mean, scatter }: Sums): Moments {
  const variance = (i: number): number => scatter[pairs ? triangleSize(i + 1) - 1 : i]! / (count - 1);
  return {
    count,
    mean: Float32Array.from(mean),
    std: Float32Array.from(mean, (_, i) => Math.sqrt(variance(i))),
    covariance: pairs ? fromTriangle(scatter, mean.length, 1 / (count - 1)) : null,
  };
}
