import { z } from 'zod';
import { similarityPreserving } from '../../losses/relations/sp.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const sp = defineMethod({
  kind: 'sp',
  summary: 'Match which examples of a batch activate alike, by inner products with rows at length 1.',
  paper: 'https://arxiv.org/abs/1907.09682',
  expect: 'Alone mostly below kd; small gains with it. Usual weight 3000.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('sp'),
    ...common,
    ...taps,
  }),
  loss: (signals, options) => ({ values: similarityPreserving(...tapped(signals, options)) }),
});
