import type { Random } from '../../data/random.ts';
import type { Moments } from './metadata.ts';
import { factorOf } from './shrinkage.ts';

/** Writes D numbers that have the moments at `offset`. */
export type Sampler = (into: Float32Array, offset: number, draws: Random) => void;

/**
 * Draws from the normal distribution of some moments, mean + L·z with L·Lᵀ the covariance (shrunk where it is singular); numbers are
 * independent where there are only deviations. Those that are never negative are then clipped at 0, as a ReLU would.
 * @param nonNegative By number.
 */
export function sampler({ mean, std, covariance, count }: Moments, nonNegative: readonly boolean[]): Sampler {
  const width = mean.length;
  // Found out when it is first needed: of many layers and classes it takes its time and its memory.
  let lower: Float32Array | undefined;
  const spread = (z: Float32Array, i: number): number => {
    if (!covariance) return std[i]! * z[i]!;
    lower ??= Float32Array.from(factorOf(covariance, count).lower);
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += lower[i * width + j]! * z[j]!;
    return sum;
  };
  const z = new Float32Array(width);
  return (into, offset, draws) => {
    draws.fillNormal(z);
    for (let i = 0; i < width; i++) {
      const value = mean[i]! + spread(z, i);
      into[offset + i] = nonNegative[i] ? Math.max(0, value) : value;
    }
  };
}
