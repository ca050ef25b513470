import { factsOf, isShare } from './known-metrics.ts';
import type { Metrics, Spread, Verdict } from './record.ts';
import type { Headline } from './tasks/define.ts';

/** Mean and sample standard deviation (n − 1) over seeds. */
export function spreadOf(perSeed: readonly number[]): Spread {
  const n = perSeed.length;
  const mean = perSeed.reduce((a, b) => a + b, 0) / n;
  const spread = n < 2 ? null : Math.sqrt(perSeed.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1));
  return { mean, spread, perSeed };
}

/** Metrics of several seeds, by name. */
export function metricsOver(seeds: readonly Readonly<Record<string, number>>[]): Metrics {
  return Object.fromEntries(Object.keys(seeds[0] ?? {}).map((name) => [name, spreadOf(seeds.map((m) => m[name]!))]));
}

/** (distilled − scratch) / (teacher − scratch), per seed; null where the teacher is not better than scratch. */
export function gapRecovered(
  headline: Headline,
  teacher: Spread | null,
  scratch: Spread | null,
  distilled: Spread,
): Spread | null {
  if (!teacher || !scratch) return null;
  const sign = headline.higherIsBetter ? 1 : -1;
  if (sign * (teacher.mean - scratch.mean) <= 0) return null;
  const shares = distilled.perSeed.map((d, i) => (d - scratch.perSeed[i]!) / (teacher.mean - scratch.perSeed[i]!));
  return shares.every(Number.isFinite) ? spreadOf(shares) : null;
}

/**
 * Whether distillation helped: the mean difference to the scratch control against the larger standard deviation over seeds of the two.
 * A difference inside of that spread, or a single seed, is called unclear.
 *
 * @param alone What the student came to, as a sentence, where there can be no control.
 */
export function verdict(
  headline: Headline,
  scratch: Spread | null,
  distilled: Spread,
  distils: boolean,
  alone?: (distilled: Spread) => string,
): Verdict {
  if (alone) return { helped: 'not-measured', difference: null, sentence: alone(distilled) };
  if (!scratch || !distils) {
    const why = distils ? 'the scratch control was left out' : 'there was no teacher';
    return { helped: 'not-measured', difference: null, sentence: `Whether distillation helped was not measured: ${why}.` };
  }
  const difference = spreadOf(distilled.perSeed.map((d, i) => d - scratch.perSeed[i]!));
  const gain = headline.higherIsBetter ? difference.mean : -difference.mean;
  const change = `${signed(headline, difference.mean)} against the same student without a teacher`;
  const seeds = distilled.perSeed.length;
  if (scratch.spread === null || distilled.spread === null) {
    return { helped: 'unclear', difference, sentence: `${change}, with one seed; three or more tell a gain from chance.` };
  }
  const spread = Math.max(scratch.spread, distilled.spread);
  const measured = `${change} (${seeds} seeds, spread ${plain(headline, spread)}).`;
  if (Math.abs(gain) <= spread) {
    return { helped: 'unclear', difference, sentence: `It is unclear whether distillation helped: ${measured}` };
  }
  return gain > 0
    ? { helped: 'yes', difference, sentence: `Distillation helped: ${measured}` }
    : { helped: 'no', difference, sentence: `Distillation did not help: ${measured}` };
}

/** Shares are told in percentage points, everything else in its own unit. */
const plain = ({ name }: Headline, amount: number): string => (isShare(name) ? (100 * amount).toFixed(2) : amount.toPrecision(3));

const signed = (headline: Headline, amount: number): string =>
  `${amount < 0 ? '−' : '+'}${plain(headline, Math.abs(amount))} ${
    isShare(headline.name) ? `points of ${inSentence(factsOf(headline.name).label)}` : `of ${headline.name}`
  }`;

/** A label that does not begin a sentence: `accuracy`, but `F1`. */
const inSentence = (label: string): string => label.replace(/^\p{Lu}(?=\p{Ll})/u, (first) => first.toLowerCase());
