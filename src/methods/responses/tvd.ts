import { z } from 'zod';
import { totalVariation } from '../../losses/responses/total-variation.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const tvd = defineMethod({
  kind: 'tvd',
  summary: 'Match class probabilities by half the sum of their absolute differences.',
  paper: 'https://arxiv.org/abs/2307.15190',
  expect: 'Does not see how small a small probability is: robust, and learns little from confident teachers.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({ kind: z.literal('tvd'), ...common, temperature: temperatureOption(1) }),
  loss: (signals, { temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: totalVariation(...logitsOf(signals), t), shows: temperatureShows(t) };
  },
});
