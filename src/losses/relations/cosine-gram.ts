import type { Value } from '../../graph/graph.ts';
import { mul, sub } from '../../ops/elementwise.ts';
import { reduceMean, sum } from '../../ops/reduce.ts';
import { expand, reshape } from '../../ops/shape.ts';
import { meanSquaredError } from '../regression.ts';
import { cosines, rows, unitRows } from './pairwise.ts';

/**
 * ‖C(student) − C(teacher)‖² / B² with the B×B matrices C of the cosines of all pairs of rows. Scaling any row and rotating a side
 * changes nothing.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @returns [B], means over the other rows; the loss of the batch is their mean.
 */
export const cosineGram = (student: Value, teacher: Value): Value => meanSquaredError(cosines(student), cosines(teacher));

/** Mean of the cosines of all B² pairs, [1, 1]: the squared length of the mean of the unit rows. */
function meanOfCosines(x: Value): Value {
  const centre = reduceMean(unitRows(rows(x)), [0]);
  return sum(mul(centre, centre));
}

/**
 * (ψ(student) − ψ(teacher))² where ψ is one number, the mean of the cosines of all B² pairs of rows: the relation loss as surveys
 * print it. It fixes the mean cosine and nothing else; `cosineGram` compares the pairs themselves.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @returns [B], the same number for every example.
 */
export function meanCosine(student: Value, teacher: Value): Value {
  const gap = sub(meanOfCosines(student), meanOfCosines(teacher));
  return expand(reshape(mul(gap, gap), [1]), [student.shape[0]!]);
}
