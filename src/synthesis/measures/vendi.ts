import { symmetricEigen } from '../../models/static-embeddings/eigen.ts';
import { type Rows, someOf, unitRows } from './rows.ts';

/** Eigenvalues take time with the third power of this. */
const most = 400;

/**
 * Vendi score with the cosine as similarity (Friedman & Dieng 2022, arXiv 2210.02410, §3): the exponential of the entropy of the
 * eigenvalues of K/n, from 1, all examples alike, to their number, all of them orthogonal. Of more than 400 examples, 400 are
 * drawn, so that the scores of two sets compare where both have as many; null for no examples.
 */
export function vendiScore(all: Rows): number | null {
  const rows = someOf(all, most);
  const n = rows.rows;
  if (n === 0) return null;
  const units = unitRows(rows);
  // XXᵀ and XᵀX have the same eigenvalues but for zeros: the smaller one will do.
  const smaller = n <= rows.width ? units : transposed(units);
  const size = smaller.length;
  const gram = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) gram[i * size + j] = gram[j * size + i] = dot(smaller[i]!, smaller[j]!) / n;
  }
  const { values } = symmetricEigen(gram, size);
  // Rounding makes zeros a little negative.
  return Math.exp(values.reduce((entropy, v) => (v <= 0 ? entropy : entropy - v * Math.log(v)), 0));
}

const transposed = (rows: readonly Float64Array[]): readonly Float64Array[] =>
  Array.from(rows[0]!, (_, j) => Float64Array.from(rows, (row) => row[j]!));

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
