/**
 * The lower L with L·Lᵀ = A, row by row in double precision (Golub & Van Loan, Matrix Computations, §4.2); null where A is not
 * positive definite. Numbers without variance (a zero on the diagonal) get rows of zeros and do not count against it.
 *
 * @param matrix n·n numbers, of which the lower triangle is read.
 */
export function cholesky(matrix: ArrayLike<number>, n: number): Float64Array | null {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const size = matrix[i * n + i]!;
    if (size === 0) continue;
    let left = size;
    for (let j = 0; j < i; j++) {
      const pivot = lower[j * n + j]!;
      if (pivot === 0) continue;
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      const entry = sum / pivot;
      lower[i * n + j] = entry;
      left -= entry * entry;
    }
    // What is left of a variance that others explain wholly is only rounding.
    if (!(left > n * Number.EPSILON * size)) return null;
    lower[i * n + i] = Math.sqrt(left);
  }
  return lower;
}
