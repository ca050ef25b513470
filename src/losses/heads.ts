import type { Value } from '../graph/graph.ts';
import { add } from '../ops/elementwise.ts';
import { sizeAt } from '../ops/movement.ts';
import { type ClassGroups, columns, requireGroups } from './class-groups.ts';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';

/**
 * A loss of each head, added up: the classes of a head are a prediction of their own, with a softmax of their own. Classes in no head
 * take no part, and get no gradient. Of soft targets it is how learning without forgetting keeps the answers of old tasks (Li and
 * Hoiem 2016, arXiv 1606.09282, §3).
 *
 * @param values [B, K] each: what the loss compares, cut to the classes of a head.
 * @param heads No class twice.
 * @returns [B].
 */
export function overHeads(
  values: readonly Value[],
  heads: ClassGroups,
  loss: (cut: readonly Value[], classes: readonly number[]) => Value,
): Value {
  requireGroups('heads', heads, sizeAt(values[0]!, 1, 'heads'));
  const all = heads.map((classes) =>
    loss(
      values.map((value) => columns(value, classes)),
      classes,
    ),
  );
  return all.reduce((a, b) => add(a, b));
}

/**
 * Cross-entropy among the classes of the head that has the label: an example is none of the others' business. A target that mixes
 * labels of several heads adds what each gives.
 *
 * @param logits [B, K].
 * @param target Class probabilities [B, K].
 * @returns [B], in nats; 0 for a label in no head.
 */
export const crossEntropyInHeads = (
  logits: Value,
  target: Value,
  heads: ClassGroups,
  { classWeights, ...options }: CrossEntropyOptions = {},
): Value =>
  overHeads([logits, target], heads, ([z, y], classes) =>
    crossEntropy(z!, y!, { ...options, ...(classWeights && { classWeights: classes.map((k) => classWeights[k]!) }) }),
  );
