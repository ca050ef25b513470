import type { Tensor } from '../../graph/type.ts';

/**
 * How alike classes are to a network: cosines of the weights of its last layer, brought to 0…1 row by row, as concentrations cannot be
 * negative: Nayak et al. 2019 (arXiv 1905.08114) §3.2.
 *
 * @param weights [K, D].
 * @returns K rows of K numbers; each has 1 at its own class, and 0 at the class that is least like it. Where all are alike, all are 1.
 */
export function classSimilarity({ shape, data }: Tensor): readonly (readonly number[])[] {
  const [classes, width] = shape as readonly [number, number];
  const rows = Array.from({ length: classes }, (_, k) => (data as Float32Array).subarray(k * width, (k + 1) * width));
  const product = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  // A class without weights is like none.
  const sizes = rows.map((row) => Math.sqrt(product(row, row)) || 1);
  return rows.map((row, i) => {
    const cosines = rows.map((other, j) => (i === j ? 1 : product(row, other) / (sizes[i]! * sizes[j]!)));
    const [low, high] = [Math.min(...cosines), Math.max(...cosines)];
    return cosines.map((c) => (high > low ? (c - low) / (high - low) : 1));
  });
}
