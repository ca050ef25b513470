import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { correlation, neighbourDifferences } from '../../losses/relations/cc.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

interface Kernel {
  readonly gamma: number;
  readonly order: number;
}

const forms: Readonly<Record<'taylor' | 'gaussian' | 'neighbours', (student: Value, teacher: Value, kernel: Kernel) => Value>> = {
  taylor: correlation,
  gaussian: (student, teacher, { gamma }) => correlation(student, teacher, { gamma }),
  neighbours: neighbourDifferences,
};

export const cc = defineMethod({
  kind: 'cc',
  summary: 'Match a Gaussian kernel between all pairs of examples in a batch.',
  paper: 'https://arxiv.org/abs/1904.01802',
  expect: 'Alone mostly below kd; small gains with it. The usual weight 0.02 belongs to the form neighbours.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('cc'),
    ...common,
    ...taps,
    form: z
      .enum(['taylor', 'gaussian', 'neighbours'])
      .default('taylor')
      .describe(
        'taylor: the paper’s series of the kernel; gaussian: the kernel itself; neighbours: what a widespread implementation does, ' +
          'products of differences of neighbours in the batch, for equal widths',
      ),
    gamma: z.number().positive().default(0.4).describe('How fast the kernel falls with the distance'),
    order: z.int().min(1).max(10).default(2).describe('Terms of the series after the constant'),
  }),
  loss: (signals, options) => ({ values: forms[options.form](...tapped(signals, options), options) }),
});
