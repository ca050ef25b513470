import type { Value } from '../../graph/graph.ts';
import { mul, sub } from '../../ops/elementwise.ts';
import { meanPerExample, requireSameShape, sumPerExample } from '../per-example.ts';
import { unit } from './unit.ts';

const reductions = { paper: sumPerExample, code: meanPerExample };

/**
 * ‖s/‖s‖ − t/‖t‖‖²: patient distillation, Sun et al. 2019 (arXiv 1908.09355) eq. 7, of one layer. Only directions count; a zero
 * vector is at distance 1 from all others.
 *
 * @param student Hidden states [B, D].
 * @param teacher Same shape.
 * @param form `paper` (default): the sum over D, 2 − 2·cos of the angle, so 0 to 4; `code`: the mean over D of the official code.
 * @returns [B].
 */
export function patience(student: Value, teacher: Value, form: keyof typeof reductions = 'paper'): Value {
  requireSameShape('patience: hidden states of the student and of the teacher', student, teacher);
  const gap = sub(unit(student, [1]), unit(teacher, [1]));
  return reductions[form](mul(gap, gap));
}
