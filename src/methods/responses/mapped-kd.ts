import { z } from 'zod';
import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { mapClasses } from '../../losses/responses/map-classes.ts';
import { softTargets } from '../../losses/responses/soft-targets.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

const classes = z.array(z.int().min(0)).min(1);
const group = z.union([
  classes.describe('Classes of the teacher; the class of the student is the one at this place'),
  z.strictObject({
    teacher: classes.describe('Classes of the teacher'),
    student: classes.describe('Classes of the student'),
  }),
]);

export const mappedKd = defineMethod({
  kind: 'mapped-kd',
  summary: 'Match softened class probabilities on the classes that student and teacher have in common.',
  paper: 'https://arxiv.org/abs/1503.02531',
  expect:
    'As kd, on what the two share; a teacher of many classes is heard only where its classes mean something to the student.',
  tasks: ['classification'],
  otherClasses: true,
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('mapped-kd'),
    ...common,
    groups: z
      .array(group)
      .min(1)
      .describe('The common classes: which classes of the teacher, and of the student, each consists of'),
    rest: z
      .enum(['drop', 'together'])
      .default('drop')
      .describe('Classes in no group, drop: the common ones are renormalised; together: they are one more class, on both sides'),
    temperature: scheduledTemperature(4),
  }),
  loss: (signals, { groups, rest, temperature }) => {
    const t = temperatureOf(temperature, signals);
    const pairs = groups.map((g, i) => (Array.isArray(g) ? { teacher: g, student: [i] } : g));
    const [student, teacher] = logitsOf(signals);
    const ofStudent = mapClasses(
      student,
      pairs.map((pair) => pair.student),
      rest,
    );
    const ofTeacher = mapClasses(
      teacher,
      pairs.map((pair) => pair.teacher),
      rest,
    );
    requireSameRest(ofStudent, ofTeacher, groups.length);
    return { values: softTargets(ofStudent, ofTeacher, t), shows: temperatureShows(t) };
  },
});

/** One side may have classes outside of all groups where the other has none. */
function requireSameRest(student: Value, teacher: Value, groups: number): void {
  const more = [student, teacher].map(({ shape }) => (shape[1] as number) > groups);
  if (more[0] === more[1]) return;
  const [has, lacks] = more[0] ? ['student', 'teacher'] : ['teacher', 'student'];
  throw new GraphError(
    'shape-mismatch',
    `mapped-kd: the ${has} has classes in no group, the ${lacks} has none; expected both or neither with rest 'together'; use rest 'drop'`,
  );
}
