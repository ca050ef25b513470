import { z } from 'zod';
import type { Value } from '../../../graph/graph.ts';
import { entropy } from '../../../losses/responses/soft-targets.ts';
import { sideBySide } from '../../../losses/responses/teacher-scores.ts';
import { mul, neg } from '../../../ops/elementwise.ts';
import { reduceMax } from '../../../ops/reduce.ts';
import { softmax } from '../../../ops/softmax.ts';
import { defineTeacherWeighting } from './define.ts';

/** How sure a teacher is, [B], from its logits [B, K]. */
const measures: Readonly<Record<'entropy' | 'first', (logits: Value) => Value>> = {
  entropy: (logits) => neg(entropy(logits)),
  first: (logits) => reduceMax(softmax(logits), [1], false),
};

/** By entropy: Kwon et al. 2020 (doi 10.1109/ICASSP40776.2020.9054698). */
export const confidence = defineTeacherWeighting({
  by: 'confidence',
  summary: 'The surer a teacher is of an example, the more; a teacher that is wrong and sure of it gains by that.',
  labels: false,
  student: () => [],
  options: z.strictObject({
    by: z.literal('confidence'),
    of: z
      .enum(['entropy', 'first'])
      .default('entropy')
      .describe('entropy: the negative entropy of its probabilities; first: the probability of its first choice'),
    sharpness: z.number().positive().default(1).describe('Factor before the softmax over teachers'),
  }),
  score: (teachers, _, { of, sharpness }) => ({ scores: mul(sideBySide(teachers.map(measures[of])), sharpness) }),
});
