import { z } from 'zod';
import { maxPool } from '../../ops/pool.ts';
import { flatten } from '../../ops/shape.ts';
import { activations, answer, conv, linear } from '../layers.ts';
import { defineArchitecture, pictureSize } from './define.ts';

/** Maps of the two convolutions and units of the two layers after them. */
const sizes = {
  full: [6, 16, 120, 84],
  half: [3, 8, 120, 84],
  'half-all': [3, 8, 60, 42],
} as const satisfies Record<string, readonly [number, number, number, number]>;

export const lenet5 = defineArchitecture({
  kind: 'lenet5',
  summary: 'Two convolutions and three fully connected layers, for digits and other small pictures.',
  paper: 'https://doi.org/10.1109/5.726791',
  options: z.strictObject({
    kind: z.literal('lenet5'),
    size: z
      .enum(['full', 'half', 'half-all'])
      .default('full')
      .describe('full: 61,706 parameters on MNIST; half: half the maps (35,820); half-all: half of everything (15,738)'),
    activation: z.enum(activations.names).default('relu'),
  }),
  create: (options, shape) => {
    const [, height] = pictureSize('lenet5', shape, 12);
    const [first, second, third, fourth] = sizes[options.size];
    // The paper pads digits of 28 by 28 to 32 by 32.
    const padding = height < 32 ? 2 : 0;
    return {
      name: options.size === 'full' ? 'lenet5' : `lenet5-${options.size}`,
      build(ctx, x) {
        const activation = activations.of(options.activation);
        const h1 = maxPool(activation(conv(ctx, 'conv1', x, first, { kernel: 5, padding })), 2);
        ctx.tap('hidden.0', h1);
        const h2 = maxPool(activation(conv(ctx, 'conv2', h1, second, { kernel: 5, padding: 0 })), 2);
        ctx.tap('hidden.1', h2);
        const h3 = activation(linear(ctx, 'fc1', flatten(h2), third));
        ctx.tap('hidden.2', h3);
        const h4 = activation(linear(ctx, 'fc2', h3, fourth));
        ctx.tap('embedding', h4);
        return answer(ctx, 'fc3', h4, shape.outputs);
      },
    };
  },
});
