import type { Value } from '../../graph/graph.ts';
import type { Needs, Signals } from '../define.ts';

/** The needs of a loss that compares logits. */
export const bothLogits = (): Needs => ({ teacher: ['logits'], student: ['logits'], labels: false });

/** Of the student and of the teacher. */
export const logitsOf = ({ student, teacher }: Signals): readonly [Value, Value] => [
  student.get('logits')!,
  teacher.get('logits')!,
];
