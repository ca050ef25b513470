import { z } from 'zod';
import { add, log, mul } from '../../ops/elementwise.ts';
import { softmax } from '../../ops/softmax.ts';
import { defineRepair } from './define.ts';

export const smooth = defineRepair({
  repair: 'smooth',
  summary:
    'Spreads a share of the teacher’s probability evenly over all classes. Smoothing its answers may help where it is overconfident; a teacher that was trained with smoothed labels teaches worse.',
  paper: 'https://arxiv.org/abs/1906.02629',
  labels: false,
  options: z.strictObject({
    repair: z.literal('smooth'),
    epsilon: z.number().gt(0).max(1).default(0.1).describe('ε: p becomes (1 − ε)·p + ε/K'),
  }),
  apply: (logits, _, { epsilon }) => ({
    logits: log(add(mul(softmax(logits), 1 - epsilon), epsilon / (logits.shape[1] as number))),
  }),
});
