import { z } from 'zod';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { cast, greater } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';

export const labels = defineMethod({
  kind: 'labels',
  summary: 'Cross-entropy with the labels; examples without one are left out.',
  paper: 'https://arxiv.org/abs/1512.00567',
  expect: 'What training without a teacher does. Smoothing calibrates a student, but a teacher trained with it teaches worse.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({
    kind: z.literal('labels'),
    ...common,
    smoothing: z.number().min(0).max(1).default(0).describe('Share of the target that is spread evenly over all classes'),
    classWeights: z.array(z.number().min(0)).min(2).optional().describe('One factor for each class, in their order'),
  }),
  loss: ({ student, target }, { smoothing, classWeights }) => ({
    values: crossEntropy(student.get('logits')!, target, { smoothing, ...(classWeights && { classWeights }) }),
    valid: cast(greater(reduceSum(target, [1], false), 0), target.dtype),
  }),
});
