import type { Graph, Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { add, div, log, max, mul, sub } from '../../ops/elementwise.ts';
import { reduceMean, reduceSum } from '../../ops/reduce.ts';
import { cosines } from './pairwise.ts';

/** 1 off the diagonal, [B, B]. */
const others = (graph: Graph, n: number): Value =>
  graph.constant(
    tensor(
      'float32',
      [n, n],
      Array.from({ length: n * n }, (_, i) => Number(i % n !== Math.floor(i / n))),
    ),
  );

/**
 * Probabilistic knowledge transfer, Passalis and Tefas 2018 (arXiv 1803.10837) eq. 3–6: KL(teacher ‖ student) between the
 * probabilities that row i picks row j, proportional to (cos(xᵢ, xⱼ) + 1)/2.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @param form `code`: as published, a row may pick itself, and the mean runs over all B² pairs (weights near 30000 go with it);
 *   `paper`: a row picks among the others, and the divergences of the rows are averaged, B times as much.
 * @returns [B]; the loss of the batch is their mean, and 0 for a batch of one.
 */
export function pkt(student: Value, teacher: Value, form: 'code' | 'paper' = 'code'): Value {
  const n = student.shape[0] as number;
  const picks = (x: Value): Value => {
    const kernel = add(mul(cosines(x), 0.5), 0.5);
    const allowed = form === 'code' ? kernel : mul(kernel, others(x.graph, n));
    // The tiny number stands for the sum where nothing else is there to be picked.
    return div(allowed, max(reduceSum(allowed, [1]), 1e-7));
  };
  const [p, q] = [picks(student), picks(teacher)];
  // As in the published code: keeps the logarithms of opposite rows finite.
  const divergence = mul(q, sub(log(add(q, 1e-7)), log(add(p, 1e-7))));
  return form === 'code' ? reduceMean(divergence, [1], false) : reduceSum(divergence, [1], false);
}
