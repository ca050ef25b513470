import { z } from 'zod';
import { cosineGram as compare } from '../../losses/relations/cosine-gram.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const cosineGram = defineMethod({
  kind: 'cosine-gram',
  summary: 'Match the cosines between all pairs of examples in a batch.',
  paper: 'https://arxiv.org/abs/1907.09682',
  expect: 'Close to sp; alone mostly below kd. The relation loss of surveys, read as a matrix.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('cosine-gram'),
    ...common,
    ...taps,
  }),
  loss: (signals, options) => ({ values: compare(...tapped(signals, options)) }),
});
