import { z } from 'zod';
import { abs, neg } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';

/**
 * The activation loss: minus the mean size of the features before the head (DAFL, Chen et al. 2019, §3.1), as what resembles the data
 * excites a network more. As in DAFL's code a mean over features, where the paper sums.
 */
export const activation = definePrior({
  kind: 'activation',
  summary: 'The features of the teacher are large.',
  paper: 'https://arxiv.org/abs/1904.01186',
  needs: 'features of the teacher (`embedding`)',
  options: z.strictObject({
    kind: z.literal('activation'),
    weight: weightOption,
    tap: z.string().min(1).default('embedding').describe('Features of the teacher, by role or tensor name'),
  }),
  taps: ({ tap }) => [tap],
  loss: ({ tap }, { teacher }) => neg(mean(abs(teacher.get(tap)!))),
});
