import type { Metrics, Spread, Verdict } from './record.ts';

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

interface Headline {
  readonly name: string;
  readonly higherIsBetter: boolean;
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
 */
export function verdict(headline: Headline, scratch: Spread | null, distilled: Spread, distils: boolean): Verdict {
  if (!scratch || !distils) {
    const why = distils ? 'the scratch control was left out' : 'there was no teacher';
    return { helped: 'not-measured', difference: null, sentence: `Whether distillation helped was not measured: ${why}.` };
  }
  const difference = spreadOf(distilled.perSeed.map((d, i) => d - scratch.perSeed[i]!));
  const gain = headline.higherIsBetter ? difference.mean : -difference.mean;
  const amount = inWords(headline, Math.abs(gain));
  const way = gain >= 0 ? 'better' : 'worse';
  const seeds = distilled.perSeed.length;
  if (scratch.spread === null || distilled.spread === null) {
    const sentence = `With one seed the distilled student is ${amount} ${way} than the same student trained without a teacher; run three or more seeds to know whether that is more than chance.`;
    return { helped: 'unclear', difference, sentence };
  }
  const spread = Math.max(scratch.spread, distilled.spread);
  const against = `(over ${seeds} seeds; spread ${inWords(headline, spread)})`;
  if (Math.abs(gain) <= spread) {
    const sentence = `It is unclear whether distillation helped: the distilled student is ${amount} ${way} than the same student trained without a teacher, which is within the spread ${against}.`;
    return { helped: 'unclear', difference, sentence };
  }
  return gain > 0
    ? {
        helped: 'yes',
        difference,
        sentence: `Distillation helped: the student is ${amount} better than the same student trained without a teacher ${against}.`,
      }
    : {
        helped: 'no',
        difference,
        sentence: `Distillation did not help: the student is ${amount} worse than the same student trained without a teacher ${against}.`,
      };
}

/** Shares are told in percentage points, everything else in its own unit. */
function inWords({ name }: Headline, amount: number): string {
  return name === 'accuracy'
    ? `${(100 * amount).toFixed(2)} percentage points of accuracy`
    : `${amount.toPrecision(3)} of ${name}`;
}
