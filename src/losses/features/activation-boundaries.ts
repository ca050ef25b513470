import type { Value } from '../../graph/graph.ts';
import { relu } from '../../ops/activations.ts';
import { above, mul, sub } from '../../ops/elementwise.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';

/** What the sum is multiplied by. */
const factors = { code: 3e-3, paper: 1 };

/**
 * Hinge on the side of zero that each neuron is on, rather than on its value: activation boundaries, Heo et al. 2019
 * (arXiv 1811.03233) eq. 7. Σ (m − s)₊² over neurons that the teacher activates (t > 0) plus (m + s)₊² over the others.
 *
 * @param student Values before the activation, [B, …].
 * @param teacher Same shape.
 * @param margin m > 0.
 * @param form `code` (default): 3/1000 of the sum, as the official code weighs it; `paper`: the sum.
 * @returns [B]; zero where every neuron is on the teacher's side by the margin.
 */
export function activationBoundaries(student: Value, teacher: Value, margin = 1, form: keyof typeof factors = 'code'): Value {
  requireSameShape('activation boundaries: features of the student and of the teacher', student, teacher);
  // +1 where the teacher's neuron is on, −1 where it is off.
  const side = sub(mul(above(teacher), 2), 1);
  const short = relu(sub(margin, mul(side, student)));
  const total = sumPerExample(mul(short, short));
  return form === 'paper' ? total : mul(total, factors[form]);
}
