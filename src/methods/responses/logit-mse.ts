import { z } from 'zod';
import { meanSquaredError } from '../losses/regression.ts';
import { defineMethod } from './define.ts';
import { weight } from './options.ts';

export const logitMse = defineMethod({
  kind: 'logit-mse',
  summary: 'Match the logits of the teacher themselves, mean squared error over classes.',
  paper: 'https://arxiv.org/abs/1312.6184',
  expect: 'Close to kd at a high temperature; also fits what the teacher says of hopeless classes, which costs a small student.',
  tasks: ['classification'],
  needs: () => ({ teacher: ['logits'], student: ['logits'], labels: false }),
  options: z.strictObject({ kind: z.literal('logit-mse'), weight }),
  loss: ({ student, teacher }) => ({ values: meanSquaredError(student.get('logits')!, teacher.get('logits')!) }),
});
