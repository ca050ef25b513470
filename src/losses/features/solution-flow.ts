import type { Value } from '../../graph/graph.ts';
import { mul } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { swapLast } from '../../ops/shape.ts';
import { meanSquaredError } from '../regression.ts';
import { alignPlaces } from './align.ts';

/**
 * How one layer turns into another: products of their channels, averaged over places, Yim et al. 2017
 * (doi 10.1109/CVPR.2017.754) eq. 1. The larger map is averaged to the smaller.
 *
 * @param first [B, C, H, W] or tokens [B, L, D].
 * @param second [B, C′, H′, W′] or tokens.
 * @returns [B, C, C′].
 */
export function flow(first: Value, second: Value): Value {
  const [a, b] = alignPlaces('solution flow', first, second);
  return mul(matmul(a, swapLast(b)), 1 / (a.shape[2] as number));
}

/** A layer and a later one. */
export interface Layers {
  readonly first: Value;
  readonly second: Value;
}

/**
 * Mean of the squared differences of the two matrices of `flow`, ibid. eq. 2 with the mean over elements of public code. Student and
 * teacher need the same numbers of channels, not the same places.
 *
 * @returns [B].
 */
export const solutionFlow = (student: Layers, teacher: Layers): Value =>
  meanSquaredError(flow(student.first, student.second), flow(teacher.first, teacher.second));
