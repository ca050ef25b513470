import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { ones, zeros } from '../../models/init.ts';
import { linear } from '../../models/layers.ts';
import { relu } from '../../ops/activations.ts';
import { layerNorm } from '../../ops/norm.ts';
import { reshape } from '../../ops/shape.ts';
import type { Host } from '../host.ts';
import { softOptions } from '../soft/options.ts';
import { softBatch } from '../soft/tokens.ts';
import { defineInputs } from './define.ts';

/** Numbers for each place, from which the logits of its token are a linear layer. */
const placeWidth = 64;

/** Standardised over the last axis, with a trained scale and shift. */
const norm = (host: Host, name: string, x: Value): Value =>
  host.scope(name, () => {
    const width = [x.shape.at(-1) as number];
    return layerNorm(x, host.param('weight', width, ones), host.param('bias', width, zeros));
  });

/** Texts that a small network writes of noise, each token a distribution over the vocabulary. */
export const tokenGenerator = defineInputs({
  kind: 'token-generator',
  summary: 'Texts that a network writes of noise, each token a distribution over the vocabulary until it is shown.',
  options: z.strictObject({
    kind: z.literal('token-generator'),
    ...softOptions,
    noise: z.int().min(1).default(64).describe('Random numbers that a text is made of'),
    width: z.int().min(1).default(256).describe('Units of the hidden layer of the network'),
  }),
  learns: true,
  endless: true,
  build: (options, host) =>
    softBatch(options, host, (places, ids) => {
      const z0 = host.perStep('noise', [host.batchSize, options.noise], (into, draws) => draws.fillNormal(into));
      const hidden = norm(host, 'norm', relu(linear(host, 'hidden', z0, options.width)));
      const each = reshape(linear(host, 'places', hidden, places * placeWidth), [host.batchSize, places, placeWidth]);
      return linear(host, 'tokens', norm(host, 'placesNorm', each), ids);
    }),
});
