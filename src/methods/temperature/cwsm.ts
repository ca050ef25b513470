import { z } from 'zod';
import { add, reciprocal, stopGradient } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import { softmax } from '../../ops/softmax.ts';
import { aroundBase, defineTemperature, inOrder, limits } from './define.ts';

/**
 * T = base + β·(mean w − w) with w = 1 / (max of softmax(zˢ) + 0.001), "confidence weighted by student max" of arXiv 1911.07471. The
 * limits are ours: the formula alone may leave the positive numbers.
 */
export const cwsm = defineTemperature({
  by: 'cwsm',
  summary: 'Sharper where the student is less sure than usual in the batch.',
  paper: 'https://arxiv.org/abs/1911.07471',
  options: z
    .strictObject({
      by: z.literal('cwsm'),
      base: z.number().positive().default(4).describe('Temperature of an example like the mean of the batch'),
      beta: z.number().min(0).default(1).describe('β: how far an example may go from it'),
      ...limits(1, 20),
    })
    .refine(...inOrder),
  of: (options, { student }) =>
    aroundBase(reciprocal(add(reduceMax(softmax(stopGradient(student.get('logits')!)), [1]), 1e-3)), options),
});
