import type { Value } from '../../graph/graph.ts';
import { conv, linear, type Trains } from '../../models/layers.ts';
import { leakyRelu } from '../../ops/activations.ts';
import { flatten } from '../../ops/shape.ts';

/** A picture is halved until it has at most so many rows or columns. */
const smallest = 4;
/** Maps grow to so many times those of the first convolution. */
const mostGrowth = 4;

/** How networks that judge examples look, by the layout of the data: from [B, …example] to one number for each example, [B, 1]. */
export const judges: Readonly<
  Record<'image' | 'vector', { readonly width: number; readonly build: (ctx: Trains, x: Value, width: number) => Value }>
> = {
  /** Convolutions that halve the picture, in the manner of Radford et al. 2016 (arXiv 1511.06434) but without normalisation. */
  image: {
    width: 16,
    build(ctx, x, width) {
      let h = x;
      for (let i = 0; Math.min(...(h.shape.slice(2) as number[])) > smallest; i++) {
        h = leakyRelu(conv(ctx, `conv${i + 1}`, h, width * Math.min(2 ** i, mostGrowth), { stride: 2 }), 0.2);
      }
      return linear(ctx, 'end', flatten(h), 1);
    },
  },
  vector: {
    width: 64,
    build(ctx, x, width) {
      const h = leakyRelu(linear(ctx, 'fc1', x, width), 0.2);
      return linear(ctx, 'end', leakyRelu(linear(ctx, 'fc2', h, width), 0.2), 1);
    },
  },
};
