import { z } from 'zod';
import { reverseSoftTargets, softTargets } from '../../losses/responses/soft-targets.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

const directions = { forward: softTargets, reverse: reverseSoftTargets };

export const kd = defineMethod({
  kind: 'kd',
  summary: 'Match the softened class probabilities of the teacher.',
  paper: 'https://arxiv.org/abs/1503.02531',
  expect: 'The baseline that other methods often fail to beat; helps most where labels are few or the teacher much better.',
  tasks: ['classification'],
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('kd'),
    ...common,
    temperature: temperatureOption(4),
    direction: z
      .enum(['forward', 'reverse'])
      .default('forward')
      .describe('forward: KL(teacher‖student), covers all classes of the teacher; reverse: KL(student‖teacher), seeks its mode'),
  }),
  loss: (signals, { temperature, direction }) => {
    const t = temperatureOf(temperature, signals);
    return { values: directions[direction](...logitsOf(signals), t), shows: temperatureShows(t) };
  },
});
