import type { Random } from '../random.ts';

/** A sample of Gamma(shape, 1) (Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; §6 for shape < 1). */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = random.normal();
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A sample of Beta(alpha, alpha). */
export function symmetricBeta(random: Random, alpha: number): number {
  const a = gamma(random, alpha);
  const b = gamma(random, alpha);
  // Both underflow for tiny alpha, where the distribution is a coin.
  return a + b > 0 ? a / (a + b) : random.integer(2);
}
