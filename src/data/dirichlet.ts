import type { Random } from './random.ts';

/**
 * Shares that sum to 1, from Dirichlet(concentrations): gammas over their sum. In logarithms, since for small concentrations most
 * shares are smaller than any double.
 *
 * @param concentrations One for each share, above 0.
 * @param open Whose share may be above zero; all unless told. The others' gammas are drawn all the same.
 */
export function dirichlet(
  concentrations: readonly number[],
  draws: Pick<Random, 'uniform' | 'normal'>,
  open?: readonly boolean[],
): readonly number[] {
  const logs = concentrations.map((alpha, i) => {
    const log = logGamma(alpha, draws);
    return (open?.[i] ?? true) ? log : Number.NEGATIVE_INFINITY;
  });
  const top = Math.max(...logs);
  const weights = logs.map((l) => Math.exp(l - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

/** Logarithm of a draw from Gamma(α, 1), by that of Gamma(α + 1, 1): Marsaglia and Tsang 2000, "A simple method for generating gamma variables". */
function logGamma(alpha: number, draws: Pick<Random, 'uniform' | 'normal'>): number {
  const d = alpha + 2 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = draws.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - draws.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
      return Math.log(d * v) + Math.log(1 - draws.uniform()) / alpha;
  }
}
