import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { exp, greater, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { where } from '../../ops/select.ts';
import { reshape, swapLast, transpose } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { meanPerExample, requireSameShape } from '../per-example.ts';
import { meanWhere, openRows, overKeys } from './masks.ts';

export interface RelationOptions {
  /** Relation heads; absent: as many as both have, or the smaller number of both where they differ. */
  readonly heads?: number;
  /** 1 at pairs of positions that count, 0 at masked ones: [B, 1, L, L]. */
  readonly open?: Value;
}

/** All heads joined and split anew: [B, H, L, d] to [B, n, L, H·d/n]. */
function regrouped(x: Value, n: number): Value {
  const [B, H, L, d] = x.shape as readonly [number, number, number, number];
  if (H === n) return x;
  const width = H * d;
  if (width % n !== 0) {
    throw new GraphError(
      'shape-mismatch',
      `minilm: ${H} heads of ${d} numbers do not split into ${n} relation heads; expected a divisor of ${width}; set relationHeads`,
    );
  }
  const joined = reshape(transpose(x, [0, 2, 1, 3]), [B, L, n, width / n]);
  return transpose(joined, [0, 2, 1, 3]);
}

/** x·xᵀ / √d of each head, [B, H, L, d] to [B, H, L, L]. */
const products = (x: Value): Value => mul(matmul(x, swapLast(x)), 1 / Math.sqrt(x.shape[3] as number));

function requireRank(x: Value): void {
  if (x.rank === 4) return;
  throw new GraphError(
    'shape-mismatch',
    `minilm: a tap of shape ${showShape(x.shape)}; expected [B, heads, L, width of a head]; tap the value after its split into heads`,
  );
}

/**
 * KL(teacher ‖ student) of softmax(x·xᵀ/√d) of the values (or queries, or keys) of a layer, mean over heads and positions: MiniLM, Wang
 * et al. 2020 (arXiv 2002.10957) eq. 4–6. Widths may differ; so may heads, when those of either side are joined and split into
 * relation heads: MiniLMv2 (arXiv 2012.15828) §3.1.
 *
 * @param student [B, H, L, d].
 * @param teacher [B, H', L, d'].
 * @returns [B], in nats.
 */
export function selfRelations(student: Value, teacher: Value, { heads, open }: RelationOptions = {}): Value {
  requireRank(student);
  requireRank(teacher);
  const n = heads ?? Math.min(student.shape[1] as number, teacher.shape[1] as number);
  const relation = (x: Value): Value => {
    const scores = products(regrouped(x, n));
    return logSoftmax(open ? where(greater(open, 0), scores, -1e30) : scores);
  };
  const [p, q] = [relation(student), relation(teacher)];
  requireSameShape('minilm: relations of the student and of the teacher', p, q);
  const divergence = reduceMean(overKeys(mul(exp(q), sub(q, p))), [1]);
  return open ? meanWhere(divergence, openRows(open)) : meanPerExample(divergence);
}
