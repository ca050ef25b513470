import { z } from 'zod';

export const privilegedOptions = z.strictObject({
  kind: z.literal('privileged'),
  temperatures: z
    .array(z.number().positive())
    .min(1)
    .default([1, 2, 5, 10, 20, 50])
    .describe('Temperatures of the soft targets that are tried'),
  imitation: z
    .array(z.number().gt(0).max(1))
    .min(1)
    .default([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
    .describe(
      'Imitation weights λ that are tried: (1 − λ)·task + λ·T²·soft targets; the student with λ = 0 is trained in any case',
    ),
  softens: z
    .enum(['both', 'teacher'])
    .default('both')
    .describe('Whose predictions the temperature softens: both, as Hinton et al.; teacher: its own alone, as Lopez-Paz et al.'),
  draws: z
    .enum(['each-seed', 'one'])
    .default('each-seed')
    .describe(
      'each-seed: every seed divides the data anew, or draws them anew where they are generated; one: all seeds see the same',
    ),
  weights: z
    .enum(['last', 'best'])
    .default('last')
    .describe('Which weights of a training count: those of its last epoch, as in the paper, or of the best on validation'),
});
export type PrivilegedOptions = z.output<typeof privilegedOptions>;
