import type { Value } from '../../graph/graph.ts';
import { mul, sub } from '../../ops/elementwise.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';
import { meanSquaredError } from '../regression.ts';

/** ½‖s − t‖² for the published formula, mean of (s − t)² over the elements for what code does. */
const forms = {
  code: meanSquaredError,
  paper: (student: Value, teacher: Value): Value => {
    const gap = sub(student, teacher);
    return mul(sumPerExample(mul(gap, gap)), 0.5);
  },
} as const;

/**
 * Squared error between a projected feature of the student and one of the teacher, FitNets: Romero et al. 2015 (arXiv 1412.6550)
 * eq. 3.
 *
 * @param student [B, …].
 * @param teacher Same shape.
 * @param form `code`: the mean over elements, as all public code has it (the default: its size does not depend on the layer);
 * `paper`: ½‖s − t‖², larger by half the number of elements.
 * @returns [B].
 */
export function hint(student: Value, teacher: Value, form: keyof typeof forms = 'code'): Value {
  requireSameShape('hint: features of the student and of the teacher', student, teacher);
  return forms[form](student, teacher);
}
