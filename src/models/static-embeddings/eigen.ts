/** Eigenvalues, largest first, and eigenvectors of length 1: `vectors[i]` belongs to `values[i]`. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/** T = Q·A·Qᵀ with T tridiagonal. `rotated`: the rows of Q. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  readonly rotated: readonly Float64Array[];
}

const dot = (a: Float64Array, b: Float64Array, from: number): number => {
  let sum = 0;
  for (let i = from; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
/** a ← a − factor·b, from a place on. */
const subtract = (a: Float64Array, b: Float64Array, factor: number, from: number): void => {
  for (let i = from; i < a.length; i++) a[i]! -= factor * b[i]!;
};

/** The unit vector whose mirror takes everything of x behind place `k` to zero; undefined where there is nothing to take. */
function mirrorOf(x: Float64Array, k: number): Float64Array | undefined {
  const v = x.slice();
  v.fill(0, 0, k);
  const length = Math.sqrt(dot(v, v, k));
  v[k]! += v[k]! < 0 ? -length : length;
  const size = Math.sqrt(dot(v, v, k));
  return size === 0 ? undefined : v.map((e) => e / size);
}

/** Householder's reduction: Golub & Van Loan, Matrix Computations, algorithm 8.3.1. Rows of `a` are overwritten. */
function tridiagonal(a: Float64Array[]): Tridiagonal {
  const n = a.length;
  const mirrors: (Float64Array | undefined)[] = [];
  for (let k = 0; k < n - 2; k++) {
    const v = mirrorOf(a[k]!, k + 1);
    mirrors.push(v);
    if (!v) continue;
    // A ← (1 − 2vvᵀ)·A·(1 − 2vvᵀ) = A − vwᵀ − wvᵀ.
    const w = Float64Array.from(a, (row, i) => (i < k ? 0 : 2 * dot(row, v, k + 1)));
    subtract(w, v, dot(w, v, k + 1), k);
    for (let i = k; i < n; i++) {
      subtract(a[i]!, w, v[i]!, k);
      subtract(a[i]!, v, w[i]!, k);
    }
  }
  const rotated = a.map((_, i) => Float64Array.from({ length: n }, (__, j) => Number(i === j)));
  for (let k = n - 3; k >= 0; k--) {
    const v = mirrors[k];
    if (v) for (let i = k + 1; i < n; i++) subtract(rotated[i]!, v, 2 * dot(rotated[i]!, v, k + 1), k + 1);
  }
  return {
    diagonal: Float64Array.from(a, (row, i) => row[i]!),
    beside: Float64Array.from({ length: Math.max(n - 1, 0) }, (_, i) => a[i]![i + 1]!),
    rotated,
  };
}

function turn(p: Float64Array, q: Float64Array, c: number, s: number): void {
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [p[i]!, q[i]!];
    p[i] = c * x + s * y;
    q[i] = c * y - s * x;
  }
}

/** One step of the QR iteration on places `low` … `high`, with Wilkinson's shift: algorithm 8.3.2 there. */
function chase({ diagonal: d, beside: e, rotated }: Tridiagonal, low: number, high: number): void {
  const half = (d[high - 1]! - d[high]!) / 2;
  const last = e[high - 1]!;
  const shift = d[high]! - last ** 2 / (half + (half < 0 ? -1 : 1) * Math.hypot(half, last));
  let [x, z] = [d[low]! - shift, e[low]!];
  for (let k = low; k < high; k++) {
    const r = Math.hypot(x, z);
    const [c, s] = r === 0 ? [1, 0] : [x / r, z / r];
    if (k > low) e[k - 1] = r;
    const [p, q, b] = [d[k]!, d[k + 1]!, e[k]!];
    d[k] = c * c * p + 2 * c * s * b + s * s * q;
    d[k + 1] = s * s * p - 2 * c * s * b + c * c * q;
    e[k] = c * s * (q - p) + (c * c - s * s) * b;
    turn(rotated[k]!, rotated[k + 1]!, c, s);
    if (k === high - 1) continue;
    x = e[k]!;
    z = s * e[k + 1]!;
    e[k + 1]! *= c;
  }
}

/** Turned so that the largest element (the first of equals) is positive: which of the two directions comes out is then no accident. */
function upright(vector: Float64Array): Float64Array {
  const largest = vector.reduce((best, x) => (Math.abs(x) > Math.abs(best) * (1 + 1e-9) ? x : best), 0);
  return largest < 0 ? vector.map((x) => -x) : vector;
}

/** Steps per eigenvalue, of which two are usual; what is not a number never settles. */
const patience = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix in double precision: Householder's reduction, then QR iteration with shifts; about
 * 10·n³ operations.
 *
 * @param matrix n·n numbers.
 */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const t = tridiagonal(Array.from({ length: n }, (_, i) => matrix.slice(i * n, (i + 1) * n)));
  const { diagonal: d, beside: e, rotated } = t;
  const negligible = (i: number): boolean => Math.abs(e[i]!) <= Number.EPSILON * (Math.abs(d[i]!) + Math.abs(d[i + 1]!));
  for (let high = n - 1, left = patience * n; high > 0 && left > 0; left--) {
    if (negligible(high - 1) || e[high - 1] === 0) {
      high--;
      continue;
    }
    let low = high - 1;
    while (low > 0 && !negligible(low - 1)) low--;
    chase(t, low, high);
  }
  const order = Array.from(d, (_, i) => i).sort((i, j) => d[j]! - d[i]! || i - j);
  return { values: Float64Array.from(order, (i) => d[i]!), vectors: order.map((i) => upright(rotated[i]!)) };
}
