import { z } from 'zod';
import { rkdAngle as angle } from '../../losses/relations/rkd-angle.ts';
import { anyTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { tapNeeds, tapped, taps } from './taps.ts';

export const rkdAngle = defineMethod({
  kind: 'rkd-angle',
  summary: 'Match the angles of all triangles of examples in a batch.',
  paper: 'https://arxiv.org/abs/1904.05068',
  expect:
    'As rkd-distance, and the stronger of the two; its cost grows with the cube of the batch. Usual weight 50 for classification.',
  tasks: anyTask,
  needs: tapNeeds,
  options: z.strictObject({
    kind: z.literal('rkd-angle'),
    ...common,
    ...taps,
    corners: z
      .int()
      .min(1)
      .optional()
      .describe(
        'How many examples of the batch are corners of triangles, all unless told; the cost is this times the batch squared',
      ),
  }),
  loss: (signals, options) => ({ values: angle(...tapped(signals, options), options.corners) }),
});
