import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { constantInit } from '../../models/init.ts';
import { linear } from '../../models/layers.ts';
import { relu } from '../../ops/activations.ts';
import { add, mul, neg, sigmoid, stopGradient } from '../../ops/elementwise.ts';
import { concat } from '../../ops/movement.ts';
import { reshape } from '../../ops/shape.ts';
import type { Progress, Signals } from '../define.ts';
import { epochs } from '../schedules/define.ts';
import { defineTemperature } from './define.ts';

/** x itself, whose gradient is multiplied by −λ: −λ·x + stop((1 + λ)·x). Ganin and Lempitsky 2015 (arXiv 1409.7495) §3. */
export const reverseGradient = (x: Value, lambda: Value): Value => add(mul(x, neg(lambda)), stopGradient(mul(x, add(lambda, 1))));

/** λ of CTKD: from 0 to `most` along half a cosine over the first epochs; the official code moves it once an epoch. */
export const reversal = (progress: Progress, { most, rise }: { readonly most: number; readonly rise: number }): number =>
  rise === 0 ? most : (most * (1 - Math.cos(Math.PI * Math.min(1, epochs(progress) / rise)))) / 2;

/** What the sigmoid is taken of: [] or [B, 1]. */
const scores: Readonly<Record<'all' | 'example', (signals: Signals, hidden: number) => Value>> = {
  // One number, in a vector since optimizers expect no rank 0; it starts at 1 as in the official code.
  all: ({ extras }) => reshape(extras.param('global', [1], constantInit(1)), []),
  example: ({ student, teacher, extras }, hidden) => {
    const seen = concat([stopGradient(teacher.get('logits')!), stopGradient(student.get('logits')!)], 1);
    return linear(extras, 'out', relu(linear(extras, 'in', seen, hidden)), 1);
  },
};

/**
 * T = from + range·sigmoid(t) with t trained against the student: CTKD (arXiv 2211.16231) §3, one t for all ("Global-T") or a small
 * net on both logits ("Instance-T"). With `from` 1 and `range` 20 it lies between 1 and 21 and starts at 15.6.
 */
export const learned = defineTemperature({
  by: 'learned',
  summary: 'Trained to make the task of the student harder, more so as training goes on (CTKD).',
  paper: 'https://arxiv.org/abs/2211.16231',
  options: z.strictObject({
    by: z.literal('learned'),
    per: z.enum(['all', 'example']).default('all').describe('One temperature for all, or one for each example from a small net'),
    from: z.number().positive().default(1).describe('Lowest temperature'),
    range: z.number().positive().default(20).describe('How far it can rise above that'),
    most: z.number().min(0).default(1).describe('Strength of the reversed gradient after its rise'),
    rise: z.number().min(0).default(10).describe('Epochs over which that strength grows from 0'),
    hidden: z.int().positive().default(64).describe('Units of the net, for a temperature for each example'),
  }),
  of: (options, signals) =>
    signals.extras.scope('temperature', () => {
      const lambda = signals.extras.scalar('reversal', (progress) => reversal(progress, options));
      const t = reverseGradient(scores[options.per](signals, options.hidden), lambda);
      return add(mul(sigmoid(t), options.range), options.from);
    }),
});
