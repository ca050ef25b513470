import type { Value } from '../../graph/graph.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { swapLast } from '../../ops/shape.ts';
import { meanPerExample, sumPerExample } from '../per-example.ts';
import { alignPlaces } from './align.ts';
import { unit } from './unit.ts';

const squares = (x: Value): Value => mul(x, x);

/** Mean of (a·b)² over pairs of channels, from their products: [B, C, C′] numbers. */
const byChannels = (s: Value, t: Value): Value => {
  const kernel = (a: Value, b: Value): Value => meanPerExample(squares(matmul(a, swapLast(b))));
  return sub(add(kernel(s, s), kernel(t, t)), mul(kernel(s, t), 2));
};

/** The same as ‖SᵀS/C − TᵀT/C′‖² over pairs of places, [B, P, P] numbers: never negative, even when rounded. */
const byPlaces = (s: Value, t: Value): Value => {
  const moments = (x: Value): Value => mul(matmul(swapLast(x), x), 1 / (x.shape[1] as number));
  return sumPerExample(squares(sub(moments(s), moments(t))));
};

const kernels = {
  polynomial: (s: Value, t: Value): Value => {
    const [channels, places] = [Math.max(s.shape[1] as number, t.shape[1] as number), s.shape[2] as number];
    return (places <= channels ? byPlaces : byChannels)(s, t);
  },
  linear: (s: Value, t: Value): Value => sumPerExample(squares(sub(reduceMean(s, [1], false), reduceMean(t, [1], false)))),
};

/**
 * Squared maximum mean discrepancy between the channels of student and teacher, taken as samples of unit vectors over places:
 * neuron selectivity transfer, Huang and Wang 2017 (arXiv 1707.01219) eq. 6. Neither the order of channels counts, nor a
 * permutation of places that both share.
 *
 * @param student [B, C, H, W] or tokens [B, L, D].
 * @param teacher [B, C′, H′, W′] or tokens.
 * @param kernel `polynomial` (default): (a·b)², degree 2 without a constant; `linear`: a·b, which compares mean maps.
 * @returns [B].
 */
export function neuronSelectivity(student: Value, teacher: Value, kernel: keyof typeof kernels = 'polynomial'): Value {
  const [s, t] = alignPlaces('neuron selectivity', student, teacher);
  return kernels[kernel](unit(s, [2]), unit(t, [2]));
}
