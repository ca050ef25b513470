import { solveSymmetric } from './linear-solve.ts';

/** y ≈ mixᵀ·x + shift, with what x is like. */
export interface Alignment {
  /** [x channels, y channels], row after row. */
  readonly mix: Float64Array;
  /** [y channels]. */
  readonly shift: Float64Array;
  /** [x channels]. */
  readonly mean: Float64Array;
  /** Covariance of x over all rows, [x channels, x channels]. */
  readonly covariance: Float64Array;
  /** Share of the variance of y that is left over: before, with y ≈ x, and with the fit. */
  readonly error: { readonly before: number; readonly after: number };
}

/** Sums over rows of x and y, both of `channels` numbers, gathered batch by batch. */
export interface Moments {
  /** Adds values [N, channels, …rest], whose rows are the places of all examples. */
  add(x: Float32Array, y: Float32Array, examples: number): void;
  /**
   * Least squares with a pull towards leaving x as it is.
   * @param ridge Strength of the pull, in mean variances of x.
   */
  fit(ridge: number): Alignment;
}

/** Opens empty sums. Double precision; about channels² operations a row. */
export function openMoments(channels: number): Moments {
  const c = channels;
  const [xx, xy] = [new Float64Array(c * c), new Float64Array(c * c)];
  const [sx, sy, yy, dd] = [new Float64Array(c), new Float64Array(c), new Float64Array(c), new Float64Array(c)];
  let rows = 0;
  const dot = (a: Float32Array, i: number, b: Float32Array, j: number, length: number): number => {
    let sum = 0;
    for (let s = 0; s < length; s++) sum += a[i + s]! * b[j + s]!;
    return sum;
  };
  return {
    add(x, y, examples) {
      const places = x.length / (examples * c);
      rows += examples * places;
      for (let n = 0; n < examples; n++) {
        for (let i = 0; i < c; i++) {
          const at = (n * c + i) * places;
          for (let s = at; s < at + places; s++) {
            sx[i]! += x[s]!;
            sy[i]! += y[s]!;
            yy[i]! += y[s]! ** 2;
            dd[i]! += (y[s]! - x[s]!) ** 2;
          }
          for (let j = 0; j < c; j++) {
            const other = (n * c + j) * places;
            xy[i * c + j]! += dot(x, at, y, other, places);
            if (j <= i) xx[i * c + j]! += dot(x, at, x, other, places);
          }
        }
      }
    },
    fit(ridge) {
      const mean = sx.map((v) => v / rows);
      const covariance = new Float64Array(c * c);
      const right = new Float64Array(c * c);
      for (let i = 0; i < c; i++) {
        for (let j = 0; j < c; j++) {
          covariance[i * c + j] = (i < j ? xx[j * c + i]! : xx[i * c + j]!) / rows - mean[i]! * mean[j]!;
          right[i * c + j] = xy[i * c + j]! / rows - (mean[i]! * sy[j]!) / rows;
        }
      }
      const left = covariance.slice();
      const trace = mean.reduce((sum, _, i) => sum + Math.max(covariance[i * c + i]!, 0), 0);
      const pull = Math.max((ridge * trace) / c, Number.MIN_VALUE ** 0.25);
      for (let i = 0; i < c; i++) {
        left[i * c + i]! += pull;
        right[i * c + i]! += pull;
      }
      const mix = solveSymmetric(left, c, right, c) ?? Float64Array.from(right, (_, at) => Number(at % (c + 1) === 0));
      const shift = sy.map((v, j) => v / rows - mean.reduce((sum, m, i) => sum + m * mix[i * c + j]!, 0));
      return { mix, shift, mean, covariance, error: errorOf(mix) };
    },
  };

  /** From the sums alone: Σ(y − Mᵀx)² about the means. */
  function errorOf(mix: Float64Array): Alignment['error'] {
    let [total, left, before] = [0, 0, 0];
    for (let j = 0; j < c; j++) {
      total += yy[j]! - sy[j]! ** 2 / rows;
      before += dd[j]!;
      left += yy[j]! - sy[j]! ** 2 / rows;
      for (let i = 0; i < c; i++) {
        const m = mix[i * c + j]!;
        left -= 2 * m * (xy[i * c + j]! - (sx[i]! * sy[j]!) / rows);
        for (let k = 0; k < c; k++) {
          const both = (k > i ? xx[k * c + i]! : xx[i * c + k]!) - (sx[i]! * sx[k]!) / rows;
          left += m * mix[k * c + j]! * both;
        }
      }
    }
    return total > 0 ? { before: before / total, after: Math.max(left, 0) / total } : { before: 0, after: 0 };
  }
}
