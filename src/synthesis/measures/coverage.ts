import { countsOf, type Said } from './classes.ts';

/** Share of the classes that at least one example is put into, 0 to 1. */
export function coverage(said: Said): number {
  return countsOf(said).filter((n) => n > 0).length / said.classes;
}

/**
 * Entropy of how often each class is named, as a share of the largest possible: 0, all of one class, to 1, all classes alike; null for
 * a single class, which leaves nothing to balance, and for no examples.
 */
export function classBalance(said: Said): number | null {
  const n = said.top.length;
  if (said.classes < 2 || n === 0) return null;
  const entropy = countsOf(said).reduce((sum, count) => (count === 0 ? sum : sum - (count / n) * Math.log(count / n)), 0);
  return entropy / Math.log(said.classes);
}
