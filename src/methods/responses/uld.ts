import { z } from 'zod';
import { universalLogits } from '../../losses/responses/uld.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const uld = defineMethod({
  kind: 'uld',
  summary: 'Match the sorted class probabilities of a teacher whose classes are others.',
  paper: 'https://arxiv.org/abs/2402.12030',
  expect: 'Passes on how sure to be, not of what: needs labels beside it. Where classes correspond, mapped-kd says more.',
  tasks: ['classification'],
  otherClasses: true,
  needs: bothLogits,
  options: z.strictObject({ kind: z.literal('uld'), ...common, temperature: scheduledTemperature(1) }),
  loss: (signals, { temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: universalLogits(...logitsOf(signals), t), shows: temperatureShows(t) };
  },
});
