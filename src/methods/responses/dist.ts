import { z } from 'zod';
import { dist as relations } from '../../losses/responses/dist.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const dist = defineMethod({
  kind: 'dist',
  summary: 'Correlate class probabilities with those of the teacher, over classes and over the batch.',
  paper: 'https://arxiv.org/abs/2205.10536',
  expect: 'Asks for the order and not the size of probabilities: pays with a teacher much stronger than the student.',
  tasks: ['classification'],
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('dist'),
    ...common,
    beta: z.number().min(0).default(1).describe('Weight of the relations between classes, within each example'),
    gamma: z.number().min(0).default(1).describe('Weight of the relations between examples, within each class'),
    temperature: temperatureOption(4),
  }),
  loss: (signals, { beta, gamma, temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: relations(...logitsOf(signals), { beta, gamma, temperature: t }), shows: temperatureShows(t) };
  },
});
