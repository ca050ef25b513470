import { z } from 'zod';
import { meanCosine as compare } from '../../losses/relations/cosine-gram.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const meanCosine = defineMethod({
  kind: 'mean-cosine',
  summary: 'Match one number, the mean cosine between the examples of a batch.',
  paper: 'https://arxiv.org/abs/1904.05068',
  expect:
    'Hardly anything: one number per batch cannot hold a structure. The relation loss of surveys, read literally; take cosine-gram.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('mean-cosine'),
    ...common,
    ...taps,
  }),
  loss: (signals, options) => ({ values: compare(...tapped(signals, options)) }),
});
