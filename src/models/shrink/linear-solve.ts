/**
 * Solves A·X = B for a symmetric positive definite A in double precision, by Cholesky's factors: Golub & Van Loan, Matrix Computations,
 * algorithm 4.2.1.
 *
 * @param a n·n numbers, of which the lower half is read.
 * @param b n rows of `columns` numbers.
 * @returns X, as b; null where A is not positive definite to the precision of doubles.
 */
export function solveSymmetric(a: Float64Array, n: number, b: Float64Array, columns: number): Float64Array | null {
  const l = a.slice();
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i > j) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 0) l[j * n + j] = Math.sqrt(sum);
      else return null;
    }
  }
  const x = b.slice();
  const take = (to: number, from: number, factor: number): void => {
    for (let c = 0; c < columns; c++) x[to * columns + c]! -= factor * x[from * columns + c]!;
  };
  const divide = (row: number): void => {
    for (let c = 0; c < columns; c++) x[row * columns + c]! /= l[row * n + row]!;
  };
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) take(i, k, l[i * n + k]!);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) take(i, k, l[k * n + i]!);
    divide(i);
  }
  return x;
}
