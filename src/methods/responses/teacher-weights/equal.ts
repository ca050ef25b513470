import { z } from 'zod';
import { filled } from '../../../ops/define.ts';
import { defineTeacherWeighting } from './define.ts';

export const equal = defineTeacherWeighting({
  by: 'equal',
  summary: 'All alike.',
  labels: false,
  student: () => [],
  options: z.strictObject({ by: z.literal('equal') }),
  score: ([first, ...others]) => ({
    scores: filled(first!.graph, { dtype: first!.dtype, shape: [1, 1 + others.length] }, 0),
  }),
});
