import { z } from 'zod';

/** Options that the attention methods share. */
export const given = z
  .enum(['scores', 'probabilities'])
  .default('scores')
  .describe('What the tapped attention maps hold: scores before the softmax (masked from -100 down), or probabilities');

export const heads = z
  .enum(['mean', 'group'])
  .default('mean')
  .describe(
    'For unlike numbers of heads, mean: over all heads; group: over neighbouring ones, where one number divides the other',
  );
