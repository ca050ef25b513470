import type { Tensor } from '../../graph/type.ts';
import { symmetricEigen } from '../../models/static-embeddings/eigen.ts';

/**
 * Directions in which activations vary most: the leading eigenvectors of their covariance as columns, [D, k] with k the share `keep`
 * of D, at least 1. They are the Fourier modes of the graph whose edges are the covariances between units.
 */
export function leadingBasis(covariance: Float32Array, keep: number): Tensor {
  const width = Math.sqrt(covariance.length);
  const kept = Math.max(1, Math.round(keep * width));
  const { vectors } = symmetricEigen(Float64Array.from(covariance), width);
  const data = new Float32Array(width * kept);
  for (let i = 0; i < width; i++) for (let k = 0; k < kept; k++) data[i * kept + k] = vectors[k]![i]!;
  return { dtype: 'float32', shape: [width, kept], data };
}
