import { z } from 'zod';
import { div, exp, max, mul, pow, sub } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import { defineWeighting } from './define.ts';

/** Lᵖ, or e^(L/τ): relative to the largest loss of the batch, so that nothing overflows. A negative loss counts as 0 under a power. */
export const loss = defineWeighting({
  by: 'loss',
  tasks: ['classification', 'regression', 'embedding'],
  summary: 'The loss of the example itself: hard examples count more.',
  paper: 'https://arxiv.org/abs/1604.03540',
  teacher: false,
  labels: false,
  options: z.strictObject({
    by: z.literal('loss'),
    form: z
      .enum(['power', 'softmax'])
      .default('power')
      .describe('In proportion to a power of the loss, or a softmax of the losses of the batch'),
    power: z.number().positive().default(1).describe('Power of the loss; above 1 stresses the hardest'),
    tau: z.number().positive().default(1).describe('Temperature of the softmax; the lower, the more the hardest count'),
  }),
  weigh: (_, values, { form, power, tau }) => {
    const top = reduceMax(values, [0]);
    return {
      power: () => pow(div(max(values, 0), max(top, smallest)), power),
      softmax: () => exp(mul(sub(values, top), 1 / tau)),
    }[form]();
  },
});
/** Keeps a batch without any loss from dividing 0 by 0. */
const smallest = 1e-30;
