import { edgeOf, type Histogram } from './histogram.ts';

/** Values that are held exactly enough; what lies outside becomes the nearer end. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How a range is chosen from what was seen. */
export interface RangeRule {
  readonly name: string;
  readonly summary: string;
  range(seen: Histogram): Range;
}

/** From the smallest to the largest value. */
export const minMax: RangeRule = {
  name: 'minmax',
  summary: 'everything that was seen',
  range: ({ low, high }) => (low <= high ? { low, high } : { low: 0, high: 0 }),
};

/** Leaves out so many per cent of the values, half of them at each end. */
export const percentile = (kept: number): RangeRule => ({
  name: `percentile-${kept}`,
  summary: `${kept} % of the values`,
  range: (h) => {
    const total = h.bins.reduce((a, b) => a + b, 0);
    const out = (total * (1 - kept / 100)) / 2;
    return within(h, {
      low: edgeOf(h, firstBeyond(h.bins, out)),
      high: edgeOf(h, h.bins.length - firstBeyond([...h.bins].reverse(), out)),
    });
  },
});

/**
 * One value in a hundred thousand is left out: on trained networks the outputs of the 8-bit file are nearer to those of the float32
 * file than with the whole range, which a single outlier widens. Few batches do not have such outliers, and give the whole range.
 */
export const usualRange: RangeRule = percentile(99.999);

/** First bin at which more than `count` values are passed. */
function firstBeyond(bins: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let i = 0; i < bins.length; i++) {
    sum += bins[i]!;
    if (sum > count) return i;
  }
  return 0;
}

/** Shares of the full range that are tried. */
const shares = Array.from({ length: 40 }, (_, i) => (i + 1) / 40);

/** The share of the range at which 8 bits leave the smallest squared error: rounding inside, and what is cut off. */
export const leastSquares: RangeRule = {
  name: 'mse',
  summary: 'least squared error of rounding and cutting off',
  range: (h) => {
    const full = minMax.range(h);
    const ranges = shares.map((share) => ({ low: full.low * share, high: full.high * share }));
    const errors = ranges.map((r) => errorOf(h, r));
    return ranges[errors.indexOf(Math.min(...errors))]!;
  },
};

/** Levels of 8 bits. */
const levels = 255;

/** Squared error over all that was seen, a bin's values taken for its middle. */
function errorOf(h: Histogram, { low, high }: Range): number {
  const step = (Math.max(high, 0) - Math.min(low, 0)) / levels;
  let error = 0;
  for (let i = 0; i < h.bins.length; i++) {
    if (h.bins[i] === 0) continue;
    const v = edgeOf(h, i + 0.5);
    const held = step > 0 ? Math.round(Math.min(high, Math.max(low, v)) / step) * step : 0;
    error += h.bins[i]! * (v - held) ** 2;
  }
  return error;
}

/** A range without what was never seen. */
const within = (h: Histogram, r: Range): Range => ({
  low: Math.max(r.low, Math.min(h.low, 0)),
  high: Math.min(r.high, Math.max(h.high, 0)),
});
