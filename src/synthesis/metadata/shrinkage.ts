import { cholesky } from './cholesky.ts';

/** L·Lᵀ = the covariance with its off-diagonal numbers times 1 − `shrinkage`. */
export interface Factor {
  /** [D, D], zeros above the diagonal. */
  readonly lower: Float64Array;
  /** 0 where the covariance itself has a factor; 1 leaves the variances alone. */
  readonly shrinkage: number;
}

/** Where a covariance of enough examples has no factor but for rounding, this is enough more often than not. */
const least = 1e-6;

/**
 * The Cholesky factor of a covariance; where it is singular, of its shrunken form. Variances stay as they are, and correlations are
 * shrunk by what is best in mean square, Σ Var(r) / Σ r² over all pairs, after Ledoit & Wolf as Schäfer & Strimmer 2005 ("A shrinkage
 * approach to large-scale covariance matrix estimation", target D) have it for correlations. The examples are gone, so
 * Var(r) = (1 − r²)² / (count − 1), which holds for normal numbers; if that is not enough it is doubled.
 *
 * @param covariance D·D numbers, symmetric, none below 0 on the diagonal.
 * @param count Examples that it was taken over.
 */
export function factorOf(covariance: Float32Array, count: number): Factor {
  const width = Math.sqrt(covariance.length);
  // Fewer examples than numbers span no volume, whatever rounding says.
  const whole = count > width ? cholesky(covariance, width) : null;
  if (whole) return { lower: whole, shrinkage: 0 };
  for (let shrinkage = Math.max(least, bestShrinkage(covariance, width, count)); ; shrinkage = Math.min(1, 2 * shrinkage)) {
    const lower = cholesky(shrunk(covariance, width, shrinkage), width);
    if (lower) return { lower, shrinkage };
    if (shrinkage === 1) throw new Error('internal: a diagonal without a Cholesky factor');
  }
}

function shrunk(covariance: Float32Array, width: number, shrinkage: number): Float64Array {
  const out = Float64Array.from(covariance, (c) => c * (1 - shrinkage));
  for (let i = 0; i < width; i++) out[i * width + i] = covariance[i * width + i]!;
  return out;
}

function bestShrinkage(covariance: Float32Array, width: number, count: number): number {
  let noise = 0;
  let signal = 0;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) {
      const size = covariance[i * width + i]! * covariance[j * width + j]!;
      if (size === 0) continue;
      const square = Math.min(1, covariance[i * width + j]! ** 2 / size);
      noise += (1 - square) ** 2 / (count - 1);
      signal += square;
    }
  }
  return noise < signal ? noise / signal : 1;
}
