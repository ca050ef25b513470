import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { div, max as larger, mul, pow, sqrt, stopGradient, sub } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { aroundBase, defineTemperature, inOrder, limits } from './define.ts';

const unit = (logits: Value): Value => {
  const x = stopGradient(logits);
  return div(x, larger(sqrt(reduceSum(mul(x, x), [1])), tiny));
};
/** Keeps the direction of equal logits zero instead of 0/0. */
const tiny = 1e-12;

/**
 * T = base + β·(mean w − w) with w = (1 − cos(zˢ, zᵗ))^γ, "focal loss style weights" of arXiv 1911.07471. The limits are ours: the
 * formula alone may leave the positive numbers.
 */
export const flsw = defineTemperature({
  by: 'flsw',
  summary: 'Sharper where student and teacher disagree more than usual in the batch.',
  paper: 'https://arxiv.org/abs/1911.07471',
  options: z
    .strictObject({
      by: z.literal('flsw'),
      base: z.number().positive().default(4).describe('Temperature of an example like the mean of the batch'),
      beta: z.number().min(0).default(4).describe('β: how far an example may go from it'),
      gamma: z.number().positive().default(1).describe('γ: above 1 leaves small disagreements alone'),
      ...limits(1, 20),
    })
    .refine(...inOrder),
  of: (options, { student, teacher }) => {
    const alike = reduceSum(mul(unit(student.get('logits')!), unit(teacher.get('logits')!)), [1]);
    return aroundBase(pow(larger(sub(1, alike), 0), options.gamma), options);
  },
});
