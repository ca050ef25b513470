import { z } from 'zod';
import { defineAugmentation, pictureShape } from './define.ts';
import { edges, translate } from './translate.ts';

export const crop = defineAugmentation({
  kind: 'crop',
  summary: 'Pads a picture on all sides and cuts its size out of it at a random place.',
  options: z.strictObject({
    kind: z.literal('crop'),
    padding: z.int().min(0).max(256).default(4).describe('Pixels added on each side'),
    fill: z.enum(['zero', 'reflect']).default('zero').describe('What the padding shows'),
  }),
  prepare({ padding, fill }, { example }) {
    const shape = pictureShape('crop', example);
    const picture = new Float32Array(shape[0] * shape[1] * shape[2]);
    return {
      varies: padding > 0,
      apply({ x, size }, random) {
        for (let i = 0; i < size; i++) {
          const at = i * picture.length;
          picture.set(x.subarray(at, at + picture.length));
          const dy = random.integer(2 * padding + 1) - padding;
          const dx = random.integer(2 * padding + 1) - padding;
          translate(picture, x, at, shape, dy, dx, edges[fill]);
        }
      },
    };
  },
});
