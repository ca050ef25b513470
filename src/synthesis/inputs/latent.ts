import { z } from 'zod';
import { normalInit } from '../../models/init.ts';
import type { Trains } from '../../models/layers.ts';
import type { Host } from '../host.ts';
import { network, networkOptions } from '../networks/network.ts';
import { defineInputs } from './define.ts';
import { moved, moveOptions } from './moves.ts';

/** Where the weights of the network come from in a round. */
const weights: Readonly<Record<'restart' | 'keep' | 'meta', (host: Host, rate: number) => Trains['param']>> = {
  restart: (host) => host.restarted,
  keep: (host) => host.param,
  meta: (host, rate) => (name, shape, init) => host.restarted(name, shape, init, { learnt: { rate } }),
};

export const latent = defineInputs({
  kind: 'latent',
  summary: 'A network and the codes that it makes the batch of are optimised together in each round, which leaves one batch.',
  options: z.strictObject({
    kind: z.literal('latent'),
    ...networkOptions,
    generator: z
      .enum(['restart', 'keep', 'meta'])
      .default('restart')
      .describe(
        'restart: new weights in each round (CMI); keep: those of the round before; meta: from weights that move towards the result of each round, so that few steps do (Fang et al. 2022, arXiv 2112.06253)',
      ),
    rate: z
      .number()
      .gt(0)
      .max(1)
      .default(0.5)
      .describe('With meta: the part of the way to the result of a round that these weights move'),
    ...moveOptions,
  }),
  learns: true,
  endless: false,
  build(options, host) {
    const codes = host.restarted('codes', [host.batchSize, options.latent], normalInit(1));
    const ctx: Trains = { param: weights[options.generator](host, options.rate), scope: host.scope };
    return moved(
      host.scope('generator', () => network(options, host, ctx, codes)),
      options,
      host,
    );
  },
});
