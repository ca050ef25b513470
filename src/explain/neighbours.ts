import type { ClassNeighbours, Neighbours } from './knowledge.ts';
import { eachSoftTarget, type Logits, topOf } from './soft-targets.ts';

/** Neighbours that are named for each class. */
const named = 3;
/** With more classes than this the matrix is left out. */
const largestMatrix = 100;

/**
 * Mean soft target of the examples of each class, and the other classes with the largest mass in it. Examples without a label
 * (−1) do not count, unless none has one: then the teacher's own prediction stands in.
 */
export function neighboursOf(logits: Logits, labels: ArrayLike<number>, temperature: number): Neighbours {
  const { width } = logits;
  const by = Array.from(labels).some((label) => label >= 0) ? 'label' : 'prediction';
  const sums = Array.from({ length: width }, () => new Float64Array(width));
  const counts = new Array<number>(width).fill(0);
  eachSoftTarget(logits, temperature, (p, row) => {
    const group = by === 'label' ? labels[row]! : topOf(p);
    const sum = sums[group];
    if (!sum) return;
    counts[group]! += 1;
    for (let k = 0; k < width; k++) sum[k]! += p[k]!;
  });
  const mean = sums.map((sum, c) => Array.from(sum, (mass) => rounded(mass / Math.max(1, counts[c]!))));
  const classes = mean.map((row, own): ClassNeighbours => {
    const others = row.map((mass, k) => ({ class: k, mass })).filter(({ class: k, mass }) => k !== own && mass > 0);
    return { count: counts[own]!, nearest: others.sort((a, b) => b.mass - a.mass || a.class - b.class).slice(0, named) };
  });
  return { temperature, by, classes, mean: width > largestMatrix ? null : mean };
}

/** Four digits are more than a mean over examples is worth. */
const rounded = (mass: number): number => Number(mass.toPrecision(4));
