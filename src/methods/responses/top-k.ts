import { z } from 'zod';
import { topTargets } from '../../losses/responses/top-k.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const topK = defineMethod({
  kind: 'top-k',
  summary: 'Match the softened probabilities of the likeliest classes of the teacher, the others summed up.',
  paper: 'https://arxiv.org/abs/2503.16870',
  expect: 'With the tail together close to kd from a few classes on; dropping the tail teaches overconfidence.',
  tasks: ['classification'],
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('top-k'),
    ...common,
    k: z.int().min(1).default(5).describe('How many classes; all of them, or more, is kd'),
    tail: z
      .enum(['together', 'uniform', 'zero', 'drop'])
      .default('together')
      .describe(
        'The other classes, together: one class on both sides; uniform: the teacher’s share spread evenly; zero: none for the teacher; drop: left out on both sides',
      ),
    temperature: temperatureOption(4),
  }),
  loss: (signals, { k, tail, temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: topTargets(...logitsOf(signals), { k, tail, temperature: t }), shows: temperatureShows(t) };
  },
});
