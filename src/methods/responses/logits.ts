import type { Value } from '../../graph/graph.ts';
import { columns } from '../../losses/class-groups.ts';
import type { Needs, Outputs, Signals } from '../define.ts';

/** The needs of a loss that compares logits. */
export const bothLogits = (): Needs => ({ teacher: ['logits'], student: ['logits'], labels: false });

/** Of the student and of the teacher. */
export const logitsOf = ({ student, teacher }: Signals): readonly [Value, Value] => [
  student.get('logits')!,
  teacher.get('logits')!,
];

/** The signals as if both sides knew these classes alone. */
export function amongClasses(signals: Signals, classes: readonly number[]): Signals {
  const cut = (of: Outputs): Outputs => new Map([...of, ['logits', columns(of.get('logits')!, classes)]]);
  return { ...signals, student: cut(signals.student), teacher: cut(signals.teacher), target: columns(signals.target, classes) };
}
