import { z } from 'zod';
import { max, mul, pow, sub } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { softmax } from '../../ops/softmax.ts';
import { defineWeighting } from './define.ts';

/** (1 − pˢ(y))^γ, arXiv 1708.02002 §3.2; there a gradient also flows through the factor, and nothing scales its mean to 1. */
export const focal = defineWeighting({
  by: 'focal',
  tasks: ['classification'],
  summary: 'How far the student is from the label: what it has learnt fades.',
  paper: 'https://arxiv.org/abs/1708.02002',
  teacher: false,
  labels: true,
  options: z.strictObject({
    by: z.literal('focal'),
    gamma: z.number().positive().default(2).describe('γ: the larger, the sooner an example fades'),
  }),
  weigh: ({ student, target }, _, { gamma }) => {
    const right = reduceSum(mul(softmax(student.get('logits')!), target), [1], false);
    return pow(max(sub(1, right), 0), gamma);
  },
});
