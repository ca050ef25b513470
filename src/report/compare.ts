import type { Results, Side, Spread } from '../run/record.ts';
import { type Metric, measured } from './metrics.ts';

/** `unclear`: within the spread over seeds. `one-seed`: nothing to judge by. `unknown`: which direction is better is not known. */
export type Judgement = 'better' | 'worse' | 'unclear' | 'one-seed' | 'unknown';

export interface Comparison {
  /** distilled − scratch, seed by seed. */
  readonly difference: Spread;
  readonly judgement: Judgement;
}

/** Distilled against scratch on a metric; null where it was not measured for both on the same seeds. */
export function compareWithScratch({ distilled, scratch, headline, verdict }: Results, metric: Metric): Comparison | null {
  if (scratch === null) return null;
  const ofRun = metric.name === headline.name ? verdict.difference : null;
  const difference = ofRun ?? pairedDifference(distilled, scratch, metric.name);
  return difference && { difference, judgement: judge(difference, metric.higherIsBetter) };
}

function pairedDifference(after: Side, before: Side, name: string): Spread | null {
  const [a, b] = [measured(after, name)?.perSeed ?? [], measured(before, name)?.perSeed ?? []];
  if (a.length === 0 || a.length !== b.length) return null;
  const perSeed = a.map((value, i) => value - b[i]!);
  const mean = perSeed.reduce((sum, x) => sum + x, 0) / perSeed.length;
  const squares = perSeed.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, spread: perSeed.length > 1 ? Math.sqrt(squares / (perSeed.length - 1)) : null, perSeed };
}

function judge({ mean, spread }: Spread, higherIsBetter: boolean | null): Judgement {
  if (higherIsBetter === null || !Number.isFinite(mean)) return 'unknown';
  if (spread === null) return 'one-seed';
  if (!(Math.abs(mean) > spread)) return 'unclear';
  return mean > 0 === higherIsBetter ? 'better' : 'worse';
}
