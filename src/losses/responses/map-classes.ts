import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { add } from '../../ops/elementwise.ts';
import { gather } from '../../ops/gather.ts';
import { concat, sizeAt } from '../../ops/movement.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { columns, requireGroups } from '../class-groups.ts';
import { logSum } from './log-sum.ts';

/** What becomes of classes in no group. */
export type Rest = 'drop' | 'together';

/**
 * Logits of groups of classes: log Σ exp over the classes of a group, so that their softmax adds up probabilities (many to one) or
 * only picks and orders them (one to one).
 *
 * @param logits [B, K].
 * @param groups Classes of each group, 0 … K − 1; no class twice, no group empty.
 * @param rest drop: the probabilities of the groups are renormalised; together: all classes in no group become one more, the last
 *   (none is added where every class has a group).
 * @returns [B, G], or [B, G + 1].
 */
export function mapClasses(logits: Value, groups: readonly (readonly number[])[], rest: Rest): Value {
  const classes = sizeAt(logits, 1, 'class map');
  const grouped = requireGroups('class map', groups, classes);
  const mapped = summed(logits, groups);
  const others = Array.from({ length: classes }, (_, k) => k).filter((k) => !grouped.has(k));
  if (rest === 'drop' || others.length === 0) return mapped;
  return concat([mapped, unsqueeze(logSum(columns(logits, others)), [1])], 1);
}

/** Short groups are filled up with terms too small to count. */
function summed(logits: Value, groups: readonly (readonly number[])[]): Value {
  const widest = Math.max(...groups.map((group) => group.length));
  if (widest === 1) return columns(logits, groups.flat());
  const cells = groups.flatMap((group) => Array.from({ length: widest }, (_, i) => group[i]));
  const shape = [groups.length, widest];
  const places = logits.graph.constant(
    tensor(
      'int64',
      shape,
      cells.map((k) => k ?? 0),
    ),
  );
  const missing = logits.graph.constant(
    tensor(
      logits.dtype,
      shape,
      cells.map((k) => (k === undefined ? -1e30 : 0)),
    ),
  );
  return logSum(add(gather(logits, places, 1), missing));
}
