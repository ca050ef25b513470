import { z } from 'zod';
import type { Value } from '../../../graph/graph.ts';
import { sumPerExample } from '../../../losses/per-example.ts';
import { meanOfTeachers } from '../../../losses/responses/ensemble.ts';
import { zeros } from '../../../models/init.ts';
import { mul, neg, stopGradient } from '../../../ops/elementwise.ts';
import { linear } from '../../../ops/linalg.ts';
import { concat } from '../../../ops/movement.ts';
import { flatten } from '../../../ops/shape.ts';
import { logSoftmax, softmax } from '../../../ops/softmax.ts';
import type { Signals } from '../../define.ts';
import { defineTeacherWeighting } from './define.ts';

/** What the scores are a linear function of: [B, D]. */
const sources: Readonly<Record<'student' | 'teachers', (teachers: readonly Value[], signals: Signals) => Value>> = {
  student: (_, { student }) => stopGradient(flatten(student.get('embedding')!)),
  teachers: (teachers) =>
    concat(
      teachers.map((logits) => softmax(logits)),
      1,
    ),
};
const taps: Readonly<Record<keyof typeof sources, readonly string[]>> = { student: ['embedding'], teachers: [] };

/**
 * Weights of each example as in AMTML-KD (Liu et al. 2021, arXiv 2103.04062). The scores learn from labels alone: the cross-entropy of the weighted mean of teachers (at T = 1) is added to the loss of labelled
 * examples. The student gets no gradient from it, and the scores none from the distillation.
 */
export const learned = defineTeacherWeighting({
  by: 'learned',
  summary: 'Softmax of learned scores of each example, fitted so that the weighted teachers are right on labelled examples.',
  labels: true,
  student: ({ from }) => taps[from],
  options: z.strictObject({
    by: z.literal('learned'),
    from: z
      .enum(['student', 'teachers'])
      .default('teachers')
      .describe('The scores are linear in, teachers: the probabilities of all teachers; student: the embedding of the student'),
  }),
  score: (teachers, signals, { from }) => {
    const { extras } = signals;
    const x = sources[from](teachers, signals);
    const inputs = x.shape[1] as number;
    const scores = extras.scope('teacher-weights', () =>
      linear(x, extras.param('weight', [inputs, teachers.length], zeros), extras.param('bias', [teachers.length], zeros)),
    );
    const logMean = meanOfTeachers(teachers, logSoftmax(scores), 'probabilities', 1);
    return { scores: stopGradient(scores), learning: neg(sumPerExample(mul(signals.target, logMean))) };
  },
});
