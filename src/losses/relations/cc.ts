import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { abs, add, exp, mul, sub } from '../../ops/elementwise.ts';
import { padAxis, slice } from '../../ops/movement.ts';
import { sumPerExample } from '../per-example.ts';
import { meanSquaredError } from '../regression.ts';
import { cosines, rows } from './pairwise.ts';

export interface CorrelationOptions {
  /** γ of exp(−γ·|x − y|²) between rows of length 1; 0.4 in the paper. */
  readonly gamma?: number;
  /** Order of the Taylor series; absent: the kernel itself. The paper takes 2. */
  readonly order?: number;
}

/** e^(−2γ)·Σ (2γ·c)ᵖ/p! up to the order, or e^(2γ(c − 1)). */
function kernel(cosine: Value, gamma: number, order: number | undefined): Value {
  if (order === undefined) return exp(mul(sub(cosine, 1), 2 * gamma));
  // Horner's rule: 1 + x/1·(1 + x/2·(1 + …)).
  let series: Value | undefined;
  for (let p = order; p >= 1; p--) {
    const term = mul(cosine, (2 * gamma) / p);
    series = add(series ? mul(term, series) : term, 1);
  }
  return mul(series!, Math.exp(-2 * gamma));
}

/**
 * Correlation congruence, Peng et al. 2019 (arXiv 1904.01802) eq. 5–8: ‖K(student) − K(teacher)‖² / B² between the matrices of a
 * Gaussian kernel of all pairs of rows at length 1, in its Taylor series. Scaling a row and rotating a side changes nothing.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @returns [B], means over the other rows; the loss of the batch is their mean.
 */
export function correlation(student: Value, teacher: Value, { gamma = 0.4, order }: CorrelationOptions = {}): Value {
  const of = (x: Value): Value => kernel(cosines(x), gamma, order);
  return meanSquaredError(of(student), of(teacher));
}

/**
 * What a widespread implementation computes instead: Σ_d |sᵢ − tᵢ|_d·|sᵢ₊₁ − tᵢ₊₁|_d for neighbours in the batch, averaged over the
 * B − 1 neighbours. It depends on the order of the batch and needs rows of the same width.
 *
 * @param student [B, …].
 * @param teacher [B, …], as many numbers per example.
 * @returns [B] with the mean of the batch; 0 for the last example, and for a batch of one.
 */
export function neighbourDifferences(student: Value, teacher: Value): Value {
  const [a, b] = [rows(student), rows(teacher)];
  if (a.shape[1] !== b.shape[1]) {
    throw new GraphError(
      'shape-mismatch',
      `cc, neighbours: ${showShape(student.shape)} of the student against ${showShape(teacher.shape)}; ` +
        'expected as many numbers per example; take the form taylor, which compares any widths',
    );
  }
  const n = a.shape[0] as number;
  const gap = abs(sub(a, b));
  if (n === 1) return mul(sumPerExample(gap), 0);
  const products = sumPerExample(mul(slice(gap, [0], [n - 1]), slice(gap, [1], [n])));
  return padAxis(mul(products, n / (n - 1)), 0, 0, 1);
}
