import { z } from 'zod';
import { exampleSize } from '../dataset.ts';
import { defineAugmentation } from './define.ts';

export const noise = defineAugmentation({
  kind: 'noise',
  summary: 'Adds Gaussian noise to every number of an example (pictures and tables; pictures may leave 0…1).',
  options: z.strictObject({
    kind: z.literal('noise'),
    std: z.number().min(0).max(100).default(0.05).describe('Standard deviation'),
  }),
  prepare({ std }, { example }) {
    const grain = new Float32Array(exampleSize({ example }));
    return {
      varies: std > 0,
      apply({ x, size }, random) {
        for (let i = 0; i < size; i++) {
          random.fillNormal(grain);
          const at = i * grain.length;
          for (let j = 0; j < grain.length; j++) x[at + j]! += std * grain[j]!;
        }
      },
    };
  },
});
