import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { SynthesisError } from '../error.ts';
import type { Scene } from './define.ts';

/**
 * The teacher's logits [B, K] of at least two classes.
 *
 * @param where The prior that asks, for the message.
 * @throws SynthesisError where the teacher gives anything else.
 */
export function classLogits(where: string, { teacher, facts }: Scene): Value {
  const logits = teacher.get('logits')!;
  const classes = logits.shape[1];
  if (logits.rank === 2 && typeof classes === 'number' && classes > 1) return logits;
  throw new SynthesisError(
    `${where}: the teacher '${facts.name}' gives ${showShape(logits.shape.slice(1))} for an example; expected logits of at least two classes; leave this prior out, or take adversarial with distance l1, which needs no classes`,
  );
}
