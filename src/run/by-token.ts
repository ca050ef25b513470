import type { Value } from '../graph/graph.ts';
import { tensor } from '../graph/type.ts';
import type { Outputs } from '../methods/define.ts';
import { cast, equal, greater } from '../ops/elementwise.ts';
import { slice } from '../ops/movement.ts';
import { reshape } from '../ops/shape.ts';

/** What losses compare: a row for each example, or for each of its tokens. */
export interface Rows {
  readonly student: Outputs;
  readonly teacher: Outputs;
  /** [rows, K]. */
  readonly target: Value;
  /** [rows], 0 for padding; absent where every row counts. */
  readonly counted?: Value;
}

/** Takes the logits [B, L, K] of both sides apart into rows of tokens [B·L, K]; everything else of a model is of examples still. */
export function byToken({ student, teacher, target }: Rows, view: Value): Rows {
  const [batch, length, classes] = student.get('logits')!.shape as readonly [number, number, number];
  const rows = batch * length;
  const apart = (outputs: Outputs): Outputs => {
    const logits = outputs.get('logits');
    return logits?.rank === 3 ? new Map([...outputs, ['logits', reshape(logits, [rows, logits.shape[2]!])]]) : outputs;
  };
  const numbers = target.graph.constant(
    tensor(
      'float32',
      [1, classes],
      Array.from({ length: classes }, (_, c) => c + 1),
    ),
  );
  const own = reshape(slice(target, [0], [length], [1]), [rows, 1]);
  const texts = reshape(slice(view, [1], [2], [1]), [rows]);
  return {
    student: apart(student),
    teacher: apart(teacher),
    target: cast(equal(own, numbers), 'float32'),
    counted: cast(greater(texts, 0), 'float32'),
  };
}
