import type { Value } from '../../graph/graph.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { meanPerExample, requireSameShape } from '../per-example.ts';
import { fitMap } from './fit-map.ts';

const levels = [4, 2, 1];

/**
 * Squared error at several sizes of the picture: the hierarchical context loss of knowledge review, Chen et al. 2021
 * (arXiv 2104.09044) §3.3. [MSE + Σ_j 2⁻ʲ·MSE of averages over 4×4, 2×2, 1×1 cells] / (1 + Σ_j 2⁻ʲ), with the levels below the
 * height of the map alone, j = 1 for the first of them.
 *
 * @param student [B, C, H, W].
 * @param teacher Same shape.
 * @returns [B].
 */
export function hierarchicalContext(student: Value, teacher: Value): Value {
  requireSameShape('hierarchical context: features of the student and of the teacher', student, teacher);
  const error = sub(student, teacher);
  const height = error.shape[2] as number;
  const sizes = [height, ...levels.filter((size) => size < height)];
  const total = sizes.reduce((sum, _, j) => sum + 2 ** -j, 0);
  // Averages are linear: those of the error are the difference of the averages.
  const parts = sizes.map((size, j) => {
    const part = j === 0 ? error : fitMap(error, [size, size]);
    return mul(meanPerExample(mul(part, part)), 2 ** -j / total);
  });
  return parts.reduce((a, b) => add(a, b));
}
