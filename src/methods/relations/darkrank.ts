import { z } from 'zod';
import { darkRank } from '../../losses/relations/darkrank.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const darkrank = defineMethod({
  kind: 'darkrank',
  summary: 'Match the order in which the nearest examples of a batch follow each other.',
  paper: 'https://arxiv.org/abs/1707.01220',
  expect: 'Made for retrieval; little for classification. Does not reach zero.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('darkrank'),
    ...common,
    ...taps,
    alpha: z.number().positive().default(3).describe('Factor of the distance in a score'),
    beta: z.number().min(1).default(3).describe('Power of the distance in a score'),
    unit: z.boolean().default(true).describe('Bring all vectors to length 1 first, as in the paper'),
    length: z.int().min(1).default(4).describe('How many of the nearest examples are ranked'),
  }),
  loss: (signals, options) => ({ values: darkRank(...tapped(signals, options), options) }),
});
