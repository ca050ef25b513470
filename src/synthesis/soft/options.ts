import { z } from 'zod';

/** Options of all inputs whose tokens are distributions. */
export const softOptions = {
  length: z.int().min(1).optional().describe('tokens of a text, special ones included; the longest of the data unless told'),
  tokens: z
    .int()
    .min(2)
    .optional()
    .describe('ids to choose from, whole words first; all unless told, at most 4096 of a larger vocabulary'),
  temperature: z.number().positive().default(1).describe('the lower, the nearer a distribution is to one token'),
  gumbel: z
    .boolean()
    .default(false)
    .describe('draws tokens in each step, by Gumbel noise, instead of taking the most likely ones'),
  straight: z
    .boolean()
    .default(false)
    .describe('the teacher sees the most likely tokens alone; gradients are those of the distributions'),
};
