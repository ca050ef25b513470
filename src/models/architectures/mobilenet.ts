import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { relu } from '../../ops/activations.ts';
import type { BuildContext } from '../define.ts';
import { answer, batchNorm, conv, globalPool } from '../layers.ts';
import { defineArchitecture, pictureSize } from './define.ts';

const plain = { bias: false, fan: 'out' } as const;

/** Maps and stride of each depthwise-separable block, at width 1. */
const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
] as const;

function separable(ctx: BuildContext, x: Value, channels: number, stride: number): Value {
  const depthwise = conv(ctx, 'depthwise', x, x.shape[1] as number, { stride, groups: x.shape[1] as number, ...plain });
  const mixed = conv(ctx, 'pointwise', relu(batchNorm(ctx, 'bn1', depthwise)), channels, { kernel: 1, padding: 0, ...plain });
  return relu(batchNorm(ctx, 'bn2', mixed));
}

export const mobilenet = defineArchitecture({
  kind: 'mobilenet',
  summary: 'Depthwise-separable convolutions, for pictures of about 28 to 96 pixels on small devices.',
  paper: 'https://arxiv.org/abs/1704.04861',
  options: z.strictObject({
    kind: z.literal('mobilenet'),
    width: z.number().positive().max(4).default(0.5).describe('Factor on the number of maps'),
  }),
  create: (options, shape) => {
    const [, height, width] = pictureSize('mobilenet', shape, 16);
    const maps = (n: number): number => Math.max(8, Math.round((n * options.width) / 8) * 8);
    return {
      name: `mobilenet-${options.width}`,
      build(ctx, x) {
        const stride = Math.min(height, width) > 40 ? 2 : 1;
        let h = relu(batchNorm(ctx, 'stem.bn', conv(ctx, 'stem.conv', x, maps(32), { stride, ...plain })));
        blocks.forEach(([channels, step], i) => {
          h = ctx.scope(`blocks.${i}`, () => separable(ctx, h, maps(channels), step));
          ctx.tap(`hidden.${i}`, h);
        });
        const pooled = globalPool(h);
        ctx.tap('embedding', pooled);
        return answer(ctx, 'fc', pooled, shape.outputs);
      },
    };
  },
});
