import type { Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { abs, add, mul, pow, sqrt, sub } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { meanPerExample, sumPerExample } from '../per-example.ts';
import { commonPlaces } from './align.ts';
import { unit } from './unit.ts';

const raised = (x: Value, power: number): Value => (power === 2 ? mul(x, x) : pow(abs(x), power));

/**
 * Where activations are strong: Σ_c |a|^p over channels, as a unit vector over places, Zagoruyko and Komodakis 2017 §3.1.
 *
 * @param x [B, C, H, W] or tokens [B, L, D].
 * @param other Shape of what it is compared with; the map has the places that both have in common.
 * @param power p ≥ 1: larger values look at the strongest channels alone.
 * @returns [B, P].
 */
export const attentionMap = (x: Value, other: Shape, power: number): Value =>
  // Squares of squares of small activations are tiny themselves; their own gradient is zero where they are.
  unit(reduceSum(raised(commonPlaces('attention transfer', x, other), power), [1], false), [1], 1e-24);

const forms = {
  code: meanPerExample,
  // The number under the root keeps the gradient finite where both agree.
  paper: (squares: Value): Value => sqrt(add(sumPerExample(squares), 1e-12)),
};

export type MapForm = keyof typeof forms;

/**
 * Distance of two attention maps [B, P].
 *
 * @param form `code` is the mean over places of squared differences, as the official code has it with weights near 1000; `paper` is
 * ‖Qs/‖Qs‖ − Qt/‖Qt‖‖₂ of eq. 2, not squared.
 * @returns [B].
 */
export function mapDistance(student: Value, teacher: Value, form: MapForm): Value {
  const gap = sub(student, teacher);
  return forms[form](mul(gap, gap));
}

export interface AttentionTransferOptions {
  /** p ≥ 1, 2 by default. */
  readonly power?: number;
  /** `code` by default. */
  readonly form?: MapForm;
}

/**
 * Distance of the maps of where activations are strong: attention transfer, Zagoruyko and Komodakis 2017 (arXiv 1612.03928) §3.1.
 * Channels may differ in number, places may as well (averages bring the larger map to the smaller); a factor on all activations of
 * an example changes nothing.
 *
 * @param student [B, C, H, W] or tokens [B, L, D].
 * @param teacher [B, C′, H′, W′] or tokens.
 * @returns [B].
 */
export const attentionTransfer = (student: Value, teacher: Value, options: AttentionTransferOptions = {}): Value => {
  const { power = 2, form = 'code' } = options;
  return mapDistance(attentionMap(student, teacher.shape, power), attentionMap(teacher, student.shape, power), form);
};
