import { isShare } from '../run/known-metrics.ts';
import type { Spread } from '../run/record.ts';
import type { Headline } from '../run/tasks/define.ts';
import { spreadOf } from '../run/verdict.ts';
import type { Unit } from './record.ts';

/** How a metric is written. */
export const unitOf = (metric: string): Unit => (isShare(metric) ? 'percent' : 'number');

/** How far one measurement is from another, seed by seed, and whether that is more than chance. */
export interface Comparison {
  readonly difference: Spread;
  /** In favour of the first; null: within the larger spread of the two, or one seed. */
  readonly better: boolean | null;
  /** `+1.20 points (3 seeds, spread 0.40)` */
  readonly words: string;
}

/** Compares `a` with `b`, measured with the same seeds in the same order. */
export function compare({ name, higherIsBetter }: Headline, a: Spread, b: Spread): Comparison {
  const difference = spreadOf(a.perSeed.map((v, i) => v - b.perSeed[i % b.perSeed.length]!));
  const gain = higherIsBetter ? difference.mean : -difference.mean;
  const spread = a.spread === null ? null : Math.max(a.spread, b.spread ?? 0);
  const told = (v: number): string => (isShare(name) ? (100 * v).toFixed(2) : v.toPrecision(3));
  const seeds = a.perSeed.length;
  return {
    difference,
    better: spread === null || Math.abs(gain) <= spread ? null : gain > 0,
    words: `${difference.mean < 0 ? '−' : '+'}${told(Math.abs(difference.mean))}${isShare(name) ? ' points' : ''} (${
      spread === null ? 'one seed' : `${seeds} seeds, spread ${told(spread)}`
    })`,
  };
}

/** A metric in words: `83.10 %`, `0.412`. */
export const told = (metric: string, value: number): string =>
  isShare(metric) ? `${(100 * value).toFixed(2)} %` : value.toPrecision(4);

/** Metrics of several seeds, one metric out of each. */
export const over = (seeds: readonly Readonly<Record<string, number>>[], metric: string): Spread =>
  spreadOf(seeds.map((m) => m[metric] ?? Number.NaN));
