import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { normalInit, uniformInit } from '../../models/init.ts';
import { batchShape, continuous, inUnits, withinPicture } from '../units.ts';
import { defineInputs } from './define.ts';
import { moved, moveOptions } from './moves.ts';

/** How a batch starts, by its standard deviation. */
const starts = {
  gaussian: normalInit,
  uniform: (std: number) => uniformInit(std * Math.sqrt(3)),
};

export const optimised = defineInputs({
  kind: 'optimised',
  summary: 'The examples themselves are optimised, from noise on: a round leaves one batch of them.',
  options: z.strictObject({
    kind: z.literal('optimised'),
    init: z.enum(['uniform', 'gaussian']).default('gaussian').describe('The noise that a round starts from'),
    std: z.number().min(0).default(1).describe('Standard deviation of that noise, in standard deviations of the data'),
    clip: z
      .boolean()
      .default(true)
      .describe('Pictures: after each step what has left 0…1 is put back to the limit, as DeepInversion does'),
    ...moveOptions,
  }),
  learns: true,
  endless: false,
  // Kept in deviations of the data, so that a learning rate means the same for all of them.
  build({ init, std, clip, ...moves }, host) {
    const limited = clip && continuous(host).layout === 'image';
    const project = (next: Value): Value => withinPicture(next, host);
    const batch = host.restarted('batch', batchShape(host), starts[init](std), limited ? { project } : {});
    return moved(inUnits(batch, host), moves, host);
  },
});
