import type { Results, Spread } from '../run/record.ts';
import { type Metric, measured } from './metrics.ts';

/** `unclear`: within the spread over seeds. `one-seed`: nothing to judge by. `unknown`: which direction is better is not known. */
export type Judgement = 'better' | 'worse' | 'unclear' | 'one-seed' | 'unknown';

export interface Comparison {
  /** distilled − scratch, seed by seed. */
  readonly difference: Spread;
  readonly judgement: Judgement;
}

/**
 * Distilled against scratch on a metric, by the rule of the verdict: a mean difference that is not larger than the larger spread
 * of the two is unclear. Null where it was not measured for both on the same seeds.
 */
export function compareWithScratch({ distilled, scratch }: Results, metric: Metric): Comparison | null {
  const [after, before] = [measured(distilled, metric.name), measured(scratch, metric.name)];
  if (after === undefined || before === undefined || after.perSeed.length === 0) return null;
  if (after.perSeed.length !== before.perSeed.length) return null;
  const difference = spreadOf(after.perSeed.map((value, i) => value - before.perSeed[i]!));
  const noise = after.spread === null || before.spread === null ? null : Math.max(after.spread, before.spread);
  return { difference, judgement: judge(difference.mean, noise, metric.higherIsBetter) };
}

function spreadOf(perSeed: readonly number[]): Spread {
  const mean = perSeed.reduce((sum, value) => sum + value, 0) / perSeed.length;
  const squares = perSeed.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: perSeed.length > 1 ? Math.sqrt(squares / (perSeed.length - 1)) : null, perSeed };
}

function judge(mean: number, noise: number | null, higherIsBetter: boolean | null): Judgement {
  if (higherIsBetter === null || !Number.isFinite(mean)) return 'unknown';
  if (noise === null) return 'one-seed';
  if (!(Math.abs(mean) > noise)) return 'unclear';
  return mean > 0 === higherIsBetter ? 'better' : 'worse';
}
