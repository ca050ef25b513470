import { z } from 'zod';
import { pkt as transfer } from '../../losses/relations/pkt.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const pkt = defineMethod({
  kind: 'pkt',
  summary: 'Match the probabilities that an example picks each other one of the batch by its cosine.',
  paper: 'https://arxiv.org/abs/1803.10837',
  expect: 'Among the better relations alone, still about kd at best. Usual weight 30000 for the code form.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('pkt'),
    ...common,
    ...taps,
    form: z
      .enum(['code', 'paper'])
      .default('code')
      .describe('code: mean over all pairs, an example may pick itself; paper: mean over examples, among the others'),
  }),
  loss: (signals, options) => ({ values: transfer(...tapped(signals, options), options.form) }),
});
