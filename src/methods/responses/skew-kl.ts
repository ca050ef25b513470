import { z } from 'zod';
import { skewKl as skewed } from '../../losses/responses/skew-kl.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const skewKl = defineMethod({
  kind: 'skew-kl',
  summary: 'Match class probabilities by a KL divergence with a share of its first side mixed into its second.',
  paper: 'https://arxiv.org/abs/2402.03898',
  expect: 'Made for language models, where it is steadier than plain KL; on plain classification close to kd.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('skew-kl'),
    ...common,
    alpha: z.number().gt(0).lt(1).default(0.1).describe('Share of the first side in the second'),
    direction: z
      .enum(['forward', 'reverse'])
      .default('forward')
      .describe('forward: KL(teacher‖α·teacher + (1 − α)·student); reverse: student and teacher exchanged'),
    temperature: temperatureOption(1),
  }),
  loss: (signals, { alpha, direction, temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: skewed(...logitsOf(signals), { alpha, direction, temperature: t }), shows: temperatureShows(t) };
  },
});
