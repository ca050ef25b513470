import type { Value } from '../../graph/graph.ts';
import { abs, mul, sub } from '../../ops/elementwise.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { meanPerExample, requireSameShape, sumPerExample } from '../per-example.ts';
import { alignPlaces } from './align.ts';
import { unit } from './unit.ts';

const norms = { l1: abs, l2: (x: Value): Value => mul(x, x) };

/** Which distance of two normalised factors. */
export type FactorNorm = keyof typeof norms;

const forms = { code: meanPerExample, paper: sumPerExample };

export interface FactorOptions {
  readonly norm?: FactorNorm;
  readonly form?: keyof typeof forms;
}

/**
 * Distance of two factors as unit vectors: factor transfer, Kim et al. 2018 (arXiv 1802.04977) eq. 3.
 *
 * @param student [B, …].
 * @param teacher Same shape.
 * @param options `norm`: `l1` (default, the paper's choice) or `l2`, squared. `form`: `code` (default) is the mean over elements, as
 * the official code has it with weight 500; `paper` is the sum.
 * @returns [B].
 */
export function factorTransfer(student: Value, teacher: Value, { norm = 'l1', form = 'code' }: FactorOptions = {}): Value {
  requireSameShape('factor transfer: factors of the student and of the teacher', student, teacher);
  const axes = student.shape.map((_, i) => i).slice(1);
  return forms[form](norms[norm](sub(unit(student, axes), unit(teacher, axes))));
}

/**
 * The same after a mean over channels, with the mean over places: what widely used benchmark
 * code computes, with its exponent of activations at 1. Only the picture of the mean channel counts; factors may differ in size.
 *
 * @param student [B, C, H, W] or tokens [B, L, D].
 * @param teacher [B, C′, H′, W′] or tokens.
 * @returns [B].
 */
export function meanFactorTransfer(student: Value, teacher: Value, norm: FactorNorm = 'l1'): Value {
  const [s, t] = alignPlaces('factor transfer', student, teacher);
  const factor = (x: Value): Value => unit(reduceMean(x, [1], false), [1]);
  return meanPerExample(norms[norm](sub(factor(s), factor(t))));
}
