import { z } from 'zod';
import { decoupled } from '../../losses/responses/dkd.ts';
import { labelled } from '../../losses/responses/labelled.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const dkd = defineMethod({
  kind: 'dkd',
  summary: 'Match the probability of the true class and the distribution among all others apart from each other.',
  paper: 'https://arxiv.org/abs/2203.08679',
  expect: 'A point or so over kd on CIFAR-100 where the teacher is confident; the paper raises its weight over the first epochs.',
  tasks: rowTasks,
  needs: () => ({ ...bothLogits(), labels: true }),
  options: z.strictObject({
    kind: z.literal('dkd'),
    ...common,
    alpha: z.number().min(0).default(1).describe('Weight of the true class against the others (tckd); 0 leaves it out'),
    beta: z.number().min(0).default(8).describe('Weight of the distribution among the others (nckd); 0 leaves it out'),
    temperature: temperatureOption(4),
  }),
  // Of mixed labels the likeliest is the true class.
  loss: (signals, { alpha, beta, temperature }) => {
    const t = temperatureOf(temperature, signals);
    return {
      values: decoupled(...logitsOf(signals), signals.target, { alpha, beta, temperature: t }),
      valid: labelled(signals.target),
      shows: temperatureShows(t),
    };
  },
});
