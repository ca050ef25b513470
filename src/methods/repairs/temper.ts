import { z } from 'zod';
import { mul } from '../../ops/elementwise.ts';
import { defineRepair } from './define.ts';

export const temper = defineRepair({
  repair: 'temper',
  summary: 'Divides the teacher’s logits by a number: less sure above 1, surer below. The student is left as it is.',
  paper: 'https://arxiv.org/abs/1706.04599',
  labels: false,
  options: z.strictObject({
    repair: z.literal('temper'),
    temperature: z.number().positive().default(2).describe('What the logits are divided by'),
  }),
  apply: (logits, _, { temperature }) => ({ logits: mul(logits, 1 / temperature) }),
});
