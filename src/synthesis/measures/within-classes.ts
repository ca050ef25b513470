import type { Said } from './classes.ts';
import { type Rows, unitRows } from './rows.ts';

/**
 * Mean cosine distance (1 − cosine) of two examples of a class, 0 to 2: the mean over pairs in each class, then over the classes with at
 * least two examples; null where there is none. 0: every class has but one direction.
 *
 * @param rows What is compared, in the order of the examples: embeddings of the teacher, or the examples themselves.
 */
export function distanceWithinClasses(rows: Rows, { top, classes }: Said): number | null {
  const units = unitRows(rows);
  const distances: number[] = [];
  for (let k = 0; k < classes; k++) {
    const members = units.filter((_, i) => top[i] === k);
    const n = members.length;
    if (n < 2) continue;
    // The sum of all cosines is the squared length of the sum of the directions; n of them are of an example with itself.
    const total = new Float64Array(rows.width + 1);
    for (const unit of members) for (let j = 0; j < total.length; j++) total[j]! += unit[j]!;
    const cosines = total.reduce((sum, v) => sum + v * v, 0);
    distances.push(Math.max(0, 1 - (cosines - n) / (n * (n - 1))));
  }
  return distances.length === 0 ? null : distances.reduce((a, b) => a + b, 0) / distances.length;
}
