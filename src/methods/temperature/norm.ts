import { z } from 'zod';
import { mul, sqrt, stopGradient } from '../../ops/elementwise.ts';
import { variance } from '../../ops/reduce.ts';
import { clip } from '../../ops/select.ts';
import { defineTemperature, inOrder, limits } from './define.ts';

/**
 * T = factor·σ(zᵗ) within limits: NormKD (arXiv 2308.00520), which divides each model by the deviation of its own logits; here the
 * teacher's temperature is for both, so that the student still learns its scale. σ is the biased deviation over classes.
 */
export const norm = defineTemperature({
  by: 'norm',
  summary: 'In proportion to the spread of the logits that the teacher gives the example.',
  paper: 'https://arxiv.org/abs/2308.00520',
  options: z
    .strictObject({
      by: z.literal('norm'),
      factor: z.number().positive().default(2).describe('Temperature for logits with a standard deviation of 1'),
      ...limits(1, 20),
    })
    .refine(...inOrder),
  of: ({ factor, min, max }, { teacher }) =>
    clip(mul(sqrt(variance(stopGradient(teacher.get('logits')!), [1])), factor), min, max),
});
