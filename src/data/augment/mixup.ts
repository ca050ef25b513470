import { z } from 'zod';
import { exampleSize } from '../dataset.ts';
import { symmetricBeta } from './beta.ts';
import { defineAugmentation } from './define.ts';

export const mixup = defineAugmentation({
  kind: 'mixup',
  summary:
    'Blends every example of a batch, and its target, with another of the same batch (Zhang et al. 2018, one weight a batch).',
  options: z.strictObject({
    kind: z.literal('mixup'),
    alpha: z.number().positive().max(100).default(0.2).describe('The weight is drawn from Beta(alpha, alpha)'),
    p: z.number().min(0).max(1).default(1).describe('Probability, for each batch'),
  }),
  prepare({ alpha, p }, { example }) {
    const width = exampleSize({ example });
    let held = new Float32Array(0);
    const blend = (rows: Float32Array, width: number, partner: Uint32Array, weight: number): void => {
      const used = partner.length * width;
      if (held.length < used) held = new Float32Array(used);
      held.set(rows.subarray(0, used));
      for (let i = 0; i < partner.length; i++) {
        const from = partner[i]! * width;
        for (let j = 0; j < width; j++) rows[i * width + j] = weight * held[i * width + j]! + (1 - weight) * held[from + j]!;
      }
    };
    return {
      varies: p > 0,
      apply({ x, target, size }, random) {
        if (random.uniform() >= p) return;
        const weight = symmetricBeta(random, alpha);
        const partner = random.permutation(size);
        blend(x, width, partner, weight);
        blend(target, (target.length * width) / x.length, partner, weight);
      },
    };
  },
});
