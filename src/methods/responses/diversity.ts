import { z } from 'zod';
import { classBalance } from '../../losses/responses/confidence.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';

export const diversity = defineMethod({
  kind: 'diversity',
  summary: 'Predict every class equally often over a batch; needs no teacher.',
  paper: 'https://arxiv.org/abs/1904.01186',
  expect: 'Keeps a student from collapsing to few classes on unlabelled or made-up data; wrong where classes are truly unequal.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: false }),
  options: z.strictObject({ kind: z.literal('diversity'), ...common }),
  loss: ({ student }) => ({ values: classBalance(student.get('logits')!) }),
});
