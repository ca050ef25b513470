import { z } from 'zod';
import { columns, requireGroups } from '../../losses/class-groups.ts';
import { sumPerExample } from '../../losses/per-example.ts';
import { defineWeighting } from './define.ts';

/** Σ of the target over some classes: 1 for an example of one of them, 0 for any other. */
export const classes = defineWeighting({
  by: 'classes',
  tasks: ['classification'],
  summary: 'Only examples of some classes count.',
  paper: 'https://arxiv.org/abs/1606.09282',
  teacher: false,
  labels: true,
  options: z.strictObject({
    by: z.literal('classes'),
    classes: z.array(z.int().min(0)).min(1).describe('Indices of the classes whose examples count'),
  }),
  weigh: ({ target }, _, { classes }) => {
    requireGroups('classes', [classes], target.shape[1] as number);
    return sumPerExample(columns(target, classes));
  },
});
