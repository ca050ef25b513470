import type { HistoryRow } from './record.ts';

/** A sentence for each loss of the distilled student that was exactly zero in every epoch: most often it is wired to nothing. */
export function silentTerms(history: readonly HistoryRow[]): readonly string[] {
  const values = new Map<string, number[]>();
  for (const { role, losses = {} } of history) {
    if (role !== 'distilled') continue;
    for (const [term, value] of Object.entries(losses)) values.set(term, [...(values.get(term) ?? []), value]);
  }
  return [...values].flatMap(([term, all]) =>
    all.every((v) => v === 0)
      ? [
          `The loss '${term}' was 0 in every epoch: it taught nothing. Look at its taps, at whether any example counts (labels, repairs), and at its options.`,
        ]
      : [],
  );
}
