import type { Value } from '../../graph/graph.ts';
import { abs, add, mul, pow, sqrt, sub } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { meanPerExample, sumPerExample } from '../per-example.ts';
import { alignPlaces } from './align.ts';
import { unit } from './unit.ts';

const raised = (x: Value, power: number): Value => (power === 2 ? mul(x, x) : pow(abs(x), power));

/** Where activations are strong: Σ_c |a|^p over channels, as a unit vector over places. [B, C, P] to [B, P]. */
const attentionMap = (x: Value, power: number): Value =>
  // Squares of squares of small activations are tiny themselves; their own gradient is zero where they are.
  unit(reduceSum(raised(x, power), [1], false), [1], 1e-24);

const forms = {
  code: meanPerExample,
  // The number under the root keeps the gradient finite where both agree.
  paper: (squares: Value): Value => sqrt(add(sumPerExample(squares), 1e-12)),
};

export interface AttentionTransferOptions {
  /** p ≥ 1: larger values look at the strongest channels alone. */
  readonly power?: number;
  readonly form?: keyof typeof forms;
}

/**
 * Distance of the maps of where activations are strong: attention transfer, Zagoruyko and Komodakis 2017 (arXiv 1612.03928) §3.1.
 * Channels may differ in number, places may as well (averages bring the larger map to the smaller); a factor on all activations of
 * an example changes nothing.
 *
 * @param student [B, C, H, W] or tokens [B, L, D].
 * @param teacher [B, C′, H′, W′] or tokens.
 * @param options `form`: `code` (default) is the mean over places of squared differences, as the official code has it with weights
 * near 1000; `paper` is ‖Qs/‖Qs‖ − Qt/‖Qt‖‖₂ of eq. 2, not squared.
 * @returns [B].
 */
export function attentionTransfer(student: Value, teacher: Value, options: AttentionTransferOptions = {}): Value {
  const { power = 2, form = 'code' } = options;
  const [s, t] = alignPlaces('attention transfer', student, teacher);
  const gap = sub(attentionMap(s, power), attentionMap(t, power));
  return forms[form](mul(gap, gap));
}
