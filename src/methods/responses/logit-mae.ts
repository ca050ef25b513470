import { z } from 'zod';
import { meanAbsoluteError } from '../../losses/regression.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const logitMae = defineMethod({
  kind: 'logit-mae',
  summary: 'Match the logits of the teacher themselves, mean absolute error over classes.',
  paper: 'https://arxiv.org/abs/1912.11006',
  expect: 'What the student minimises in data-free adversarial distillation: its gradient does not vanish where both are sure.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({ kind: z.literal('logit-mae'), ...common }),
  loss: (signals) => ({ values: meanAbsoluteError(...logitsOf(signals)) }),
});
