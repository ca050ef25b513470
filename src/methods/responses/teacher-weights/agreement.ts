import { z } from 'zod';
import { apartFromMean } from '../../../losses/responses/teacher-scores.ts';
import { mul } from '../../../ops/elementwise.ts';
import { defineTeacherWeighting } from './define.ts';

export const agreement = defineTeacherWeighting({
  by: 'agreement',
  summary: 'The closer a teacher is to the mean of all on an example, the more: −KL(teacher‖mean).',
  labels: false,
  student: () => [],
  options: z.strictObject({
    by: z.literal('agreement'),
    sharpness: z.number().positive().default(4).describe('Factor before the softmax over teachers'),
  }),
  score: (teachers, _, { sharpness }) => ({ scores: mul(apartFromMean(teachers), -sharpness) }),
});
