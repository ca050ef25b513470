/** Outputs of a classifier before the softmax: [rows, width], row by row. */
export interface Logits {
  readonly data: ArrayLike<number>;
  readonly rows: number;
  readonly width: number;
}

/** Calls back with softmax(z/T) of each row in turn, in double precision; the array is used again for the next row. */
export function eachSoftTarget(
  { data, rows, width }: Logits,
  temperature: number,
  visit: (p: Float64Array, row: number) => void,
): void {
  const p = new Float64Array(width);
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < width; k++) top = Math.max(top, data[at + k]!);
    let total = 0;
    for (let k = 0; k < width; k++) total += p[k] = Math.exp((data[at + k]! - top) / temperature);
    for (let k = 0; k < width; k++) p[k]! /= total;
    visit(p, r);
  }
}

/** Entropy of a distribution as a share of ln K, 0–1; 0 for a single class. */
export function entropyShare(p: Float64Array): number {
  if (p.length < 2) return 0;
  let h = 0;
  for (const v of p) if (v > 0) h -= v * Math.log(v);
  // Rounding can leave the uniform distribution a hair above its entropy.
  return Math.min(1, Math.max(0, h / Math.log(p.length)));
}

/** Index of the largest entry, the first of equals. */
export function topOf(p: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < p.length; k++) if (p[k]! > p[best]!) best = k;
  return best;
}
