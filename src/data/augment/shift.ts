import { z } from 'zod';
import { defineAugmentation, pictureShape } from './define.ts';
import { edges, translate } from './translate.ts';

export const shift = defineAugmentation({
  kind: 'shift',
  summary: 'Moves a picture by a few pixels, as in the MNIST runs of Hinton et al. (2015, §3).',
  options: z.strictObject({
    kind: z.literal('shift'),
    pixels: z.int().min(0).max(256).default(2).describe('Most pixels along each axis'),
    p: z.number().min(0).max(1).default(1).describe('Probability, for each picture'),
  }),
  prepare({ pixels, p }, { example }) {
    const shape = pictureShape('shift', example);
    const picture = new Float32Array(shape[0] * shape[1] * shape[2]);
    return {
      varies: pixels > 0 && p > 0,
      apply({ x, size }, random) {
        for (let i = 0; i < size; i++) {
          if (random.uniform() >= p) continue;
          const at = i * picture.length;
          picture.set(x.subarray(at, at + picture.length));
          translate(
            picture,
            x,
            at,
            shape,
            random.integer(2 * pixels + 1) - pixels,
            random.integer(2 * pixels + 1) - pixels,
            edges.zero,
          );
        }
      },
    };
  },
});
