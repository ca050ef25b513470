import { z } from 'zod';
import { cosineOfStates } from '../../losses/responses/cosine-states.ts';
import { anyTextTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';

export const cosine = defineMethod({
  kind: 'cosine',
  summary: 'Point the embedding, or another tap of equal width, where that of the teacher points.',
  paper: 'https://arxiv.org/abs/1910.01108',
  expect: 'A small help beside kd, as the third loss of DistilBERT; alone it leaves the classifier untrained.',
  tasks: anyTextTask,
  needs: ({ student, teacher }, offer) => ({
    teacher: [teacher],
    student: [student, ...(offer.student.has('mask') ? ['mask'] : [])],
    labels: false,
  }),
  options: z.strictObject({
    kind: z.literal('cosine'),
    ...common,
    student: z.string().min(1).default('embedding').describe('Tap of the student: a role or the name of a tensor'),
    teacher: z.string().min(1).default('embedding').describe('Tap of the teacher, of the same shape'),
  }),
  loss: (signals, { student, teacher }) => ({
    values: cosineOfStates(signals.student.get(student)!, signals.teacher.get(teacher)!, signals.student.get('mask')),
  }),
});
