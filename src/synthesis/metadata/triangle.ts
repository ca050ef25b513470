/** Numbers in the lower triangle of a symmetric matrix, diagonal included; row i begins at i·(i + 1)/2. */
export const triangleSize = (n: number): number => (n * (n + 1)) / 2;

/** The lower triangle of a matrix of n rows, row after row. */
export function toTriangle(matrix: Float32Array, n: number): Float32Array {
  const out = new Float32Array(triangleSize(n));
  for (let i = 0; i < n; i++) out.set(matrix.subarray(i * n, i * n + i + 1), triangleSize(i));
  return out;
}

/** The symmetric matrix of a lower triangle, each number times `scale`. */
export function fromTriangle(triangle: ArrayLike<number>, n: number, scale = 1): Float32Array {
  const out = new Float32Array(n * n);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j <= i; j++, at++) {
      out[i * n + j] = triangle[at]! * scale;
      out[j * n + i] = out[i * n + j]!;
    }
  }
  return out;
}
