import { z } from 'zod';
import { rkdDistance as distance } from '../../losses/relations/rkd-distance.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const rkdDistance = defineMethod({
  kind: 'rkd-distance',
  summary: 'Match the distances between the examples of a batch, as shares of their mean.',
  paper: 'https://arxiv.org/abs/1904.05068',
  expect:
    'Alone mostly below kd; small gains with it and with rkd-angle, larger for embeddings. Usual weight 25 for classification.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('rkd-distance'),
    ...common,
    ...taps,
  }),
  loss: (signals, options) => ({ values: distance(...tapped(signals, options)) }),
});
