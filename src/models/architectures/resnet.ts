import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { relu } from '../../ops/activations.ts';
import { add } from '../../ops/elementwise.ts';
import { slice } from '../../ops/movement.ts';
import { pad } from '../../ops/pad.ts';
import type { BuildContext } from '../define.ts';
import { answer, batchNorm, conv, globalPool } from '../layers.ts';
import { defineArchitecture, pictureSize } from './define.ts';

type Shortcut = (ctx: BuildContext, x: Value, channels: number, stride: number) => Value;

const plain = { bias: false, fan: 'out' } as const;

/** How a block that changes the size passes its input on: He et al. 2016 (arXiv 1512.03385) §4.2, options A and B. */
const shortcuts: Readonly<Record<'projection' | 'pad', Shortcut>> = {
  projection: (ctx, x, channels, stride) =>
    ctx.scope('downsample', () => batchNorm(ctx, '1', conv(ctx, '0', x, channels, { kernel: 1, stride, padding: 0, ...plain }))),
  pad: (_, x, channels, stride) => {
    const missing = channels - (x.shape[1] as number);
    const before = Math.floor(missing / 2);
    const thinned = stride === 1 ? x : slice(x, [0, 0], [x.shape[2] as number, x.shape[3] as number], [2, 3], [stride, stride]);
    return pad(thinned, [0, before, 0, 0], [0, missing - before, 0, 0]);
  },
};

function block(ctx: BuildContext, x: Value, channels: number, stride: number, shortcut: Shortcut): Value {
  const y = relu(batchNorm(ctx, 'bn1', conv(ctx, 'conv1', x, channels, { stride, ...plain })));
  const z = batchNorm(ctx, 'bn2', conv(ctx, 'conv2', y, channels, plain));
  const same = stride === 1 && x.shape[1] === channels;
  return relu(add(z, same ? x : shortcut(ctx, x, channels, stride)));
}

export const resnet = defineArchitecture({
  kind: 'resnet',
  summary: 'Residual network for small pictures: three stages of 16, 32 and 64 maps.',
  paper: 'https://arxiv.org/abs/1512.03385',
  options: z.strictObject({
    kind: z.literal('resnet'),
    depth: z
      .int()
      .min(8)
      .max(1202)
      .refine((d) => d % 6 === 2, 'must be 6n + 2: 8, 14, 20, 26, 32, 44, 56, 110')
      .default(8)
      .describe('Layers with weights, 6n + 2'),
    width: z.number().positive().max(16).default(1).describe('Factor on the number of maps'),
    shortcut: z
      .enum(['projection', 'pad'])
      .default('projection')
      .describe('Where the size changes: 1×1 convolution, or every other pixel and zero maps'),
  }),
  create: (options, shape) => {
    pictureSize('resnet', shape, 8);
    const stages = [16, 32, 64].map((maps) => Math.max(1, Math.round(maps * options.width)));
    const blocks = (options.depth - 2) / 6;
    return {
      name: `resnet-${options.depth}${options.width === 1 ? '' : `x${options.width}`}`,
      build(ctx, x) {
        let h = relu(batchNorm(ctx, 'bn1', conv(ctx, 'conv1', x, stages[0]!, plain)));
        stages.forEach((channels, stage) => {
          for (let i = 0; i < blocks; i++) {
            const stride = stage > 0 && i === 0 ? 2 : 1;
            const name = `layer${stage + 1}.${i}`;
            h = ctx.scope(name, () => block(ctx, h, channels, stride, shortcuts[options.shortcut]));
            ctx.tap(`hidden.${stage * blocks + i}`, h);
          }
        });
        const pooled = globalPool(h);
        ctx.tap('embedding', pooled);
        return answer(ctx, 'fc', pooled, shape.outputs);
      },
    };
  },
});
