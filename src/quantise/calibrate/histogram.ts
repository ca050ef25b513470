/** Bins on both sides of zero. */
const half = 2048;

/**
 * How often a tensor has which values, whatever their size: bins are as wide as a power of two, and pairs of them become one when a
 * value lies outside. So one pass over the data is enough, in any order of batches to the same result.
 */
export interface Histogram {
  /** Smallest and largest value seen; Infinity and −Infinity before the first. */
  low: number;
  high: number;
  /** Bin i holds values from (i − half)·width to (i + 1 − half)·width. */
  width: number;
  readonly bins: Float64Array;
  /** Values that are not finite, which no bin holds. */
  strange: number;
}

export const emptyHistogram = (): Histogram => ({
  low: Number.POSITIVE_INFINITY,
  high: Number.NEGATIVE_INFINITY,
  width: 0,
  bins: new Float64Array(2 * half),
  strange: 0,
});

/** Where a bin begins. */
export const edgeOf = (h: Histogram, bin: number): number => (bin - half) * h.width;

/** Counts values in. */
export function observe(h: Histogram, values: Float32Array): void {
  let [low, high] = [h.low, h.high];
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low && v > Number.NEGATIVE_INFINITY) low = v;
    if (v > high && v < Number.POSITIVE_INFINITY) high = v;
  }
  h.low = low;
  h.high = high;
  widen(h, Math.max(-low, high));
  // All zeros so far: they lie in the bin that begins there.
  const scale = h.width === 0 ? 0 : 1 / h.width;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (Number.isFinite(v)) h.bins[Math.floor(v * scale) + half]!++;
    else h.strange++;
  }
}

/** Makes room for values up to `most` on either side. */
function widen(h: Histogram, most: number): void {
  if (!(most > 0)) return;
  if (h.width === 0) {
    h.width = 2 ** (Math.floor(Math.log2(most)) + 1) / half;
    return;
  }
  while (most >= h.width * half) {
    const merged = new Float64Array(2 * half);
    for (let i = 0; i < 2 * half; i++) merged[half + Math.floor((i - half) / 2)]! += h.bins[i]!;
    h.bins.set(merged);
    h.width *= 2;
  }
}
