import { z } from 'zod';
import { symmetricBeta } from './beta.ts';
import { defineAugmentation, pictureShape } from './define.ts';

export const cutmix = defineAugmentation({
  kind: 'cutmix',
  summary:
    'Pastes a rectangle of another picture of the batch over each, targets in proportion to the area (Yun et al. 2019, one rectangle a batch).',
  options: z.strictObject({
    kind: z.literal('cutmix'),
    alpha: z.number().positive().max(100).default(1).describe('The share that stays is drawn from Beta(alpha, alpha)'),
    p: z.number().min(0).max(1).default(0.5).describe('Probability, for each batch'),
  }),
  prepare({ alpha, p }, { example }) {
    const [channels, height, width] = pictureShape('cutmix', example);
    let held = new Float32Array(0);
    const hold = (rows: Float32Array): Float32Array => {
      if (held.length < rows.length) held = new Float32Array(rows.length);
      held.set(rows);
      return held;
    };
    return {
      varies: p > 0,
      apply({ x, target, size }, random) {
        if (random.uniform() >= p) return;
        const side = Math.sqrt(1 - symmetricBeta(random, alpha));
        const partner = random.permutation(size);
        const [top, bottom] = span(random.integer(height), side * height, height);
        const [left, right] = span(random.integer(width), side * width, width);
        const before = hold(x);
        for (let i = 0; i < size; i++) {
          for (let c = 0; c < channels; c++) {
            for (let y = top; y < bottom; y++) {
              const to = ((i * channels + c) * height + y) * width;
              const from = ((partner[i]! * channels + c) * height + y) * width;
              for (let at = left; at < right; at++) x[to + at] = before[from + at]!;
            }
          }
        }
        const stays = 1 - ((bottom - top) * (right - left)) / (height * width);
        const outputs = (target.length * channels * height * width) / x.length;
        const targets = hold(target);
        for (let i = 0; i < size; i++) {
          for (let k = 0; k < outputs; k++) {
            target[i * outputs + k] = stays * targets[i * outputs + k]! + (1 - stays) * targets[partner[i]! * outputs + k]!;
          }
        }
      },
    };
  },
});

/** The part of a piece of `length` around `centre` that lies in 0…size. */
function span(centre: number, length: number, size: number): readonly [number, number] {
  const half = Math.floor(length / 2);
  return [Math.max(0, centre - half), Math.min(size, centre + half)];
}
