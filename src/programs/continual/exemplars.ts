import { random } from '../../data/random.ts';
import type { Matrix } from '../../run/metrics.ts';
import type { ContinualOptions } from './options.ts';

/** Which examples of a class are kept. */
export interface Choice {
  /** Of the training set, rising. */
  readonly of: readonly number[];
  /** Its index. */
  readonly class: number;
  readonly count: number;
  readonly seed: number;
  /** Embeddings of examples by the network that has just learnt them. */
  readonly embeddings: (of: readonly number[]) => Promise<Matrix>;
}

type Rule = (choice: Choice) => Promise<readonly number[]>;

const rules: Readonly<Record<ContinualOptions['choose'], Rule>> = {
  random: async ({ of, class: k, count, seed }) =>
    Array.from(random(seed, `continual/exemplars/${k}`).permutation(of.length).subarray(0, count), (i) => of[i]!),
  herding: async ({ of, count, embeddings }) => herded(await embeddings(of), count).map((i) => of[i]!),
};

/** The examples of a class to be kept, rising; all of them where there are no more than asked for. */
export async function chosen(rule: ContinualOptions['choose'], choice: Choice): Promise<readonly number[]> {
  if (choice.count >= choice.of.length) return choice.of;
  return (await rules[rule](choice)).toSorted((a, b) => a - b);
}

/**
 * Rows whose mean comes nearest to that of all, found one after another: herding, Welling 2009, as in iCaRL (Rebuffi et al. 2017, arXiv
 * 1611.07725, algorithm 4), on rows of length 1. The first of equals.
 *
 * @param count At most as many as there are rows.
 */
export function herded({ data, rows, width }: Matrix, count: number): readonly number[] {
  const unit = Float64Array.from(data);
  for (let r = 0; r < rows; r++) {
    const row = unit.subarray(r * width, (r + 1) * width);
    const length = Math.hypot(...row) || 1;
    for (let d = 0; d < width; d++) row[d]! /= length;
  }
  const centre = new Float64Array(width);
  unit.forEach((v, i) => {
    centre[i % width]! += v / rows;
  });
  const sum = new Float64Array(width);
  const picked: number[] = [];
  const free = new Set(Array.from({ length: rows }, (_, r) => r));
  while (picked.length < count) {
    let best = -1;
    let nearest = Number.POSITIVE_INFINITY;
    for (const r of free) {
      let distance = 0;
      for (let d = 0; d < width; d++) distance += (centre[d]! - (sum[d]! + unit[r * width + d]!) / (picked.length + 1)) ** 2;
      if (distance < nearest) [best, nearest] = [r, distance];
    }
    free.delete(best);
    picked.push(best);
    for (let d = 0; d < width; d++) sum[d]! += unit[best * width + d]!;
  }
  return picked;
}
