import type { Graph, Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { add, mul, neg, pow, sub } from '../../ops/elementwise.ts';
import { gatherElements, topK } from '../../ops/gather.ts';
import { logSumExp } from '../../ops/reduce.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { sumPerExample } from '../per-example.ts';
import { pairDistances, rows, unitRows } from './pairwise.ts';

export interface RankOptions {
  /** Factor of the distance in a score; 3 in the paper. */
  readonly alpha?: number;
  /** Power of the distance in a score; 3 in the paper. */
  readonly beta?: number;
  /** How many of the nearest examples are ranked; at most B − 1. */
  readonly length?: number;
  /** Rows at length 1 first, as the paper has them. */
  readonly unit?: boolean;
}

/** A number in some places of an n×n matrix, 0 elsewhere. */
const filled = (graph: Graph, n: number, value: number, at: (row: number, column: number) => boolean): Value =>
  graph.constant(
    tensor(
      'float32',
      [n, n],
      Array.from({ length: n * n }, (_, i) => (at(Math.floor(i / n), i % n) ? value : 0)),
    ),
  );
const never = -1e30;

/**
 * Hard DarkRank, Chen et al. 2017 (arXiv 1707.01220) eq. 4–8: the negative log-likelihood, under the student, of the order in which
 * the teacher ranks the nearest examples of each example. Scores are −α·distanceᵝ, and an order has the probability
 * Π exp(sⱼ) / Σ_{k ≥ j} exp(s_k). It is not 0 where the two agree. Scores grow with the size of the
 * rows, and the gradient vanishes where they are far apart: the usual α and β are for rows of length 1.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @returns [B], in nats; 0 for a batch of one or two, where there is one order only.
 */
export function darkRank(
  student: Value,
  teacher: Value,
  { alpha = 3, beta = 3, length = 4, unit = false }: RankOptions = {},
): Value {
  const [n, graph] = [student.shape[0] as number, student.graph];
  const k = Math.min(length, n - 1);
  const distances = (x: Value): Value => pairDistances(unit ? unitRows(rows(x)) : x);
  const scores = mul(pow(distances(student), beta), -alpha);
  if (k < 1) return sumPerExample(scores);
  const near = add(
    neg(distances(teacher)),
    filled(graph, n, never, (i, j) => i === j),
  );
  const ordered = gatherElements(scores, topK(near, k, 1).indices, 1);
  const remaining = add(
    unsqueeze(ordered, [1]),
    filled(graph, k, never, (place, j) => j < place),
  );
  return sumPerExample(sub(logSumExp(remaining, [2], false), ordered));
}
