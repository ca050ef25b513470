import { z } from 'zod';
import { labelled } from '../../losses/responses/labelled.ts';
import { teacherFree } from '../../losses/responses/tf-kd.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';

export const tfKd = defineMethod({
  kind: 'tf-kd',
  summary: 'Match a teacher made up from the label: sure of the true class, even on the others.',
  paper: 'https://arxiv.org/abs/1909.11723',
  expect: 'What label smoothing gives, about half a point over labels alone; there is no knowledge in it.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({
    kind: z.literal('tf-kd'),
    ...common,
    correct: z.number().gt(0).lt(1).default(0.99).describe('Probability that the made-up teacher gives the true class'),
    temperature: z.number().positive().default(20).describe('Softens it; in the form of the paper also the student'),
    form: z
      .enum(['paper', 'code'])
      .default('paper')
      .describe('paper: T²·KL, both sides softened; code: KL/K, softmax of probabilities/T against the student as it is'),
  }),
  loss: ({ student, target }, { correct, temperature, form }) => ({
    values: teacherFree(student.get('logits')!, target, { correct, temperature, form }),
    valid: labelled(target),
  }),
});
