import { z } from 'zod';
import { columns } from '../../losses/class-groups.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { crossEntropyInHeads } from '../../losses/heads.ts';
import { cast, greater } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common, headsOption } from '../options.ts';

export const labels = defineMethod({
  kind: 'labels',
  summary: 'Cross-entropy with the labels; examples without one are left out.',
  paper: 'https://arxiv.org/abs/1512.00567',
  expect: 'What training without a teacher does. Smoothing calibrates a student, but a teacher trained with it teaches worse.',
  tasks: rowTasks,
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({
    kind: z.literal('labels'),
    ...common,
    smoothing: z.number().min(0).max(1).default(0).describe('Share of the target that is spread evenly over all classes'),
    classWeights: z.array(z.number().min(0)).min(2).optional().describe('One factor for each class, in their order'),
    heads: headsOption,
  }),
  loss: ({ student, target }, { smoothing, classWeights, heads }) => {
    const logits = student.get('logits')!;
    const options = { smoothing, ...(classWeights && { classWeights }) };
    const known = heads ? columns(target, heads.flat()) : target;
    return {
      values: heads ? crossEntropyInHeads(logits, target, heads, options) : crossEntropy(logits, target, options),
      valid: cast(greater(reduceSum(known, [1], false), 0), target.dtype),
    };
  },
});
