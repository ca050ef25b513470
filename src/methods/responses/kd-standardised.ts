import { z } from 'zod';
import { standardisedTargets } from '../../losses/responses/standardised.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const kdStandardised = defineMethod({
  kind: 'kd-standardised',
  summary: 'Match softened class probabilities after both sides got logits of mean 0 and deviation 1.',
  paper: 'https://arxiv.org/abs/2403.01427',
  expect: 'A small, steady gain over kd, most where the logits of the two differ in size; the usual weight is 9.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({ kind: z.literal('kd-standardised'), ...common, temperature: temperatureOption(2) }),
  loss: (signals, { temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: standardisedTargets(...logitsOf(signals), t), shows: temperatureShows(t) };
  },
});
