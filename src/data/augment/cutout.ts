import { z } from 'zod';
import { defineAugmentation, pictureShape } from './define.ts';

export const cutout = defineAugmentation({
  kind: 'cutout',
  summary: 'Blanks a square at a random place, which may reach over the border (DeVries and Taylor 2017).',
  options: z.strictObject({
    kind: z.literal('cutout'),
    pixels: z.int().min(1).max(1024).default(8).describe('Side of the square'),
    fill: z.number().min(0).max(1).default(0).describe('Brightness of the square'),
    p: z.number().min(0).max(1).default(1).describe('Probability, for each picture'),
  }),
  prepare({ pixels, fill, p }, { example }) {
    const [channels, height, width] = pictureShape('cutout', example);
    return {
      varies: p > 0,
      apply({ x, size }, random) {
        for (let i = 0; i < size; i++) {
          if (random.uniform() >= p) continue;
          const top = random.integer(height) - Math.floor(pixels / 2);
          const left = random.integer(width) - Math.floor(pixels / 2);
          const from = Math.max(0, left);
          const to = Math.min(width, left + pixels);
          for (let c = 0; c < channels; c++) {
            for (let y = Math.max(0, top); y < Math.min(height, top + pixels); y++) {
              const row = ((i * channels + c) * height + y) * width;
              x.fill(fill, row + from, row + to);
            }
          }
        }
      },
    };
  },
});
