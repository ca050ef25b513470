import { z } from 'zod';
import { meanSquaredError } from '../../losses/regression.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const logitMse = defineMethod({
  kind: 'logit-mse',
  summary: 'Match the logits of the teacher themselves, mean squared error over classes.',
  paper: 'https://arxiv.org/abs/1312.6184',
  expect: 'Close to kd at a high temperature; also fits what the teacher says of hopeless classes, which costs a small student.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({ kind: z.literal('logit-mse'), ...common }),
  loss: (signals) => ({ values: meanSquaredError(...logitsOf(signals)) }),
});
