import { z } from 'zod';
import { cast, greaterOrEqual } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import { softmax } from '../../ops/softmax.ts';
import { defineRepair } from './define.ts';

export const abstain = defineRepair({
  repair: 'abstain',
  summary: 'Leaves out the teacher where its first choice has too little probability.',
  paper: 'https://doi.org/10.1109/TIT.1970.1054406',
  labels: false,
  options: z.strictObject({
    repair: z.literal('abstain'),
    below: z.number().min(0).max(1).default(0.5).describe('Probability that its first choice needs for the teacher to be heard'),
  }),
  apply: (logits, _, { below }) => ({
    logits,
    trusted: cast(greaterOrEqual(reduceMax(softmax(logits), [1], false), below), logits.dtype),
  }),
});
