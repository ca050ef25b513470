import { z } from 'zod';
import { consistency } from '../../losses/self/consistency.ts';
import { mul } from '../../ops/elementwise.ts';
import { defineMethod, type Progress } from '../define.ts';
import { common } from '../options.ts';
import { epochs } from '../schedules/define.ts';

/** e^(−5·(1 − t/R)²) for t epochs up to R, arXiv 1703.01780 §3.1. */
const ramp = (progress: Progress, rampUp: number): number => {
  const left = rampUp === 0 ? 0 : 1 - Math.min(1, epochs(progress) / rampUp);
  return Math.exp(-5 * left * left);
};

export const meanTeacher = defineMethod({
  kind: 'mean-teacher',
  summary: 'Agree with a moving average of the own weights; labelled or not.',
  paper: 'https://arxiv.org/abs/1703.01780',
  expect:
    'Pays where most rows have no label and inputs are augmented; with labels for all it does little beyond averaging weights.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: false }),
  options: z.strictObject({
    kind: z.literal('mean-teacher'),
    ...common,
    form: z
      .enum(['mse', 'kl'])
      .default('mse')
      .describe('Squared error of probabilities (with a weight near 100), or KL divergence'),
    decay: z.number().min(0).lt(1).default(0.999).describe('Share of the average that a step keeps; less in the first steps'),
    rampUp: z.number().min(0).default(5).describe('Epochs over which the loss comes to its full weight'),
  }),
  loss: ({ student, extras }, { form, decay, rampUp }) => {
    // A plain mean of all steps until that is slower than the decay.
    const average = extras.shadow('average', ({ step }) => Math.min(1 - 1 / (step + 1), decay));
    const values = consistency[form](student.get('logits')!, average.get('logits')!);
    return {
      values: mul(
        values,
        extras.scalar('ramp', (progress) => ramp(progress, rampUp)),
      ),
    };
  },
});
