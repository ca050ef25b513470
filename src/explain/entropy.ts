import type { EntropyAt } from './knowledge.ts';
import { eachSoftTarget, entropyShare, type Logits } from './soft-targets.ts';

/** Temperatures at which entropy is shown. */
export const shownTemperatures: readonly number[] = [1, 2, 4, 8, 16];
const binCount = 20;

/** Histogram and mean of the entropy of soft targets, as a share of ln K, at each temperature. */
export function entropyOf(logits: Logits, temperatures: readonly number[] = shownTemperatures): readonly EntropyAt[] {
  return temperatures.map((temperature) => {
    const bins = new Array<number>(binCount).fill(0);
    let total = 0;
    eachSoftTarget(logits, temperature, (p) => {
      const h = entropyShare(p);
      total += h;
      bins[Math.min(binCount - 1, Math.floor(h * binCount))]! += 1;
    });
    return { temperature, mean: total / Math.max(1, logits.rows), bins };
  });
}
