import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { averagePool, maxPool } from '../../ops/pool.ts';
import { flatten } from '../../ops/shape.ts';
import { activations, answer, batchNorm, conv, globalPool } from '../layers.ts';
import { defineArchitecture, pictureSize } from './define.ts';

const pools = { max: maxPool, average: averagePool };
const heads = { average: globalPool, flatten: (x: Value): Value => flatten(x) };

export const cnn = defineArchitecture({
  kind: 'cnn',
  summary: 'A plain stack of convolutions: the simplest network for pictures, of any depth.',
  paper: 'https://arxiv.org/abs/1409.1556',
  options: z.strictObject({
    kind: z.literal('cnn'),
    channels: z.array(z.int().min(1)).min(1).default([16, 32, 64]).describe('Maps of each convolution'),
    kernel: z
      .int()
      .min(1)
      .refine((k) => k % 2 === 1, 'must be odd')
      .default(3),
    batchNorm: z.boolean().default(true),
    activation: z.enum(activations.names).default('relu'),
    pool: z.enum(['max', 'average']).default('max'),
    poolEvery: z.int().min(1).default(1).describe('Halve the picture after so many convolutions, while it can be halved'),
    head: z
      .enum(['average', 'flatten'])
      .default('average')
      .describe('What the classifier sees: means of the maps, or all of them'),
    dropout: z.number().min(0).lt(1).default(0).describe('Share of the classifier inputs left out in training'),
  }),
  create: (options, shape) => {
    pictureSize('cnn', shape, 1);
    return {
      name: ['cnn', ...options.channels].join('-'),
      build(ctx, x) {
        const activation = activations.of(options.activation);
        let h = x;
        options.channels.forEach((channels, i) => {
          const z = conv(ctx, `conv${i + 1}`, h, channels, { kernel: options.kernel, bias: !options.batchNorm, fan: 'out' });
          const y = activation(options.batchNorm ? batchNorm(ctx, `bn${i + 1}`, z) : z);
          const halve = (i + 1) % options.poolEvery === 0 && Math.min(y.shape[2] as number, y.shape[3] as number) >= 2;
          h = halve ? pools[options.pool](y, 2) : y;
          ctx.tap(`hidden.${i}`, h);
        });
        const features = heads[options.head](h);
        ctx.tap('embedding', features);
        return answer(ctx, 'fc', features, shape.outputs, options.dropout);
      },
    };
  },
});
