import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { entropy as entropyOf } from '../../losses/responses/soft-targets.ts';
import { max, mul, sub } from '../../ops/elementwise.ts';
import { defineWeighting } from './define.ts';

const own = {
  prefer: z
    .enum(['high', 'low'])
    .default('high')
    .describe('Which examples count more: those it is unsure of, or those it is sure of'),
  temperature: z.number().positive().default(1).describe('Temperature at which the entropy is taken'),
};
interface Own {
  readonly prefer: 'high' | 'low';
  readonly temperature: number;
}

/** H(softmax(z/T)) as a share of log K, or 1 less that; limited since rounding may leave 0 … 1 by a little. */
function spread(logits: Value, { prefer, temperature }: Own): Value {
  const share = mul(entropyOf(logits, temperature), 1 / Math.log(logits.shape[1] as number));
  return max({ high: share, low: sub(1, share) }[prefer], 0);
}

export const entropy = defineWeighting({
  by: 'entropy',
  tasks: ['classification'],
  summary: 'How unsure the teacher is: the entropy of its probabilities.',
  paper: 'https://arxiv.org/abs/2311.13621',
  teacher: true,
  labels: false,
  options: z.strictObject({ by: z.literal('entropy'), ...own }),
  weigh: ({ teacher }, _, options) => spread(teacher.get('logits')!, options),
});

export const studentEntropy = defineWeighting({
  by: 'student-entropy',
  tasks: ['classification'],
  summary: 'How unsure the student is: the entropy of its probabilities.',
  paper: 'https://arxiv.org/abs/2311.13621',
  teacher: false,
  labels: false,
  options: z.strictObject({ by: z.literal('student-entropy'), ...own }),
  weigh: ({ student }, _, options) => spread(student.get('logits')!, options),
});
