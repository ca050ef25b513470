import { z } from 'zod';
import { defineAugmentation, pictureShape } from './define.ts';

export const flip = defineAugmentation({
  kind: 'flip',
  summary: 'Mirrors a picture left to right.',
  options: z.strictObject({
    kind: z.literal('flip'),
    p: z.number().min(0).max(1).default(0.5).describe('Probability, for each picture'),
  }),
  prepare({ p }, { example }) {
    const [channels, height, width] = pictureShape('flip', example);
    const rows = channels * height;
    return {
      varies: p > 0 && p < 1,
      apply({ x, size }, random) {
        for (let i = 0; i < size; i++) {
          if (random.uniform() >= p) continue;
          for (let row = i * rows; row < (i + 1) * rows; row++) reverse(x, row * width, (row + 1) * width);
        }
      },
    };
  },
});

function reverse(x: Float32Array, from: number, to: number): void {
  for (let left = from, right = to - 1; left < right; left++, right--) {
    const held = x[left]!;
    x[left] = x[right]!;
    x[right] = held;
  }
}
