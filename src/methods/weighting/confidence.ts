import { z } from 'zod';
import { pow } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import { softmax } from '../../ops/softmax.ts';
import { defineWeighting } from './define.ts';

export const confidence = defineWeighting({
  by: 'confidence',
  tasks: ['classification'],
  summary: 'The probability that the teacher gives its first choice, to a power.',
  paper: 'https://arxiv.org/abs/1805.04770',
  teacher: true,
  labels: false,
  options: z.strictObject({
    by: z.literal('confidence'),
    power: z.number().positive().default(1).describe('Above 1 stresses the difference'),
  }),
  weigh: ({ teacher }, _, { power }) => pow(reduceMax(softmax(teacher.get('logits')!), [1], false), power),
});
