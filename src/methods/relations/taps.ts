import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Needs, Signals } from '../define.ts';

const tap = (side: string) =>
  z
    .string()
    .min(1)
    .default('embedding')
    .describe(`What of the ${side} is compared: a role or the name of a tensor; of any width`);

/** What a relation compares on either side. */
export const taps = { student: tap('student'), teacher: tap('teacher') };
interface Taps {
  readonly student: string;
  readonly teacher: string;
}

export const tapNeeds = ({ student, teacher }: Taps): Needs => ({ student: [student], teacher: [teacher], labels: false });

/** The tapped values of the student and of the teacher, [B, …]. */
export const tapped = ({ student, teacher }: Signals, at: Taps): readonly [Value, Value] => [
  student.get(at.student)!,
  teacher.get(at.teacher)!,
];
