import type { Value } from '../../graph/graph.ts';
import { meanSquaredError } from '../regression.ts';
import { gram, rows, unitRows } from './pairwise.ts';

/** The rows of X·Xᵀ at length 1, [B, B]. */
const similarity = (x: Value): Value => unitRows(gram(rows(x)));

/**
 * Similarity-preserving, Tung and Mori 2019 (arXiv 1907.09682) eq. 2–4: ‖G(student) − G(teacher)‖² / B², where G is X·Xᵀ with each row
 * divided by its length. Scaling and rotating a side changes nothing.
 *
 * @param student [B, …]; maps are flattened.
 * @param teacher [B, …], of any shape behind the batch.
 * @returns [B], means over the other rows; the loss of the batch is their mean, and 0 for a batch of one.
 */
export const similarityPreserving = (student: Value, teacher: Value): Value =>
  meanSquaredError(similarity(student), similarity(teacher));
