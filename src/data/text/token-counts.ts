import type { Dataset } from '../dataset.ts';

/** How often each id comes in a set of texts, padding left out; empty for anything else. */
export function tokenCounts(set: Dataset): Float64Array {
  const { example } = set;
  if (example.layout !== 'tokens') return new Float64Array(0);
  const counts = new Float64Array(example.text.vocabulary);
  const row = new Float32Array(2 * example.shape[1]);
  for (let i = 0; i < set.size; i++) {
    set.read(i, row, 0);
    for (let c = 0; c < set.length!(i); c++) counts[row[c]!]!++;
  }
  return counts;
}
