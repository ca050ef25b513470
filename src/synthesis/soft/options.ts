import { z } from 'zod';

/** Options of all inputs whose tokens are distributions. */
export const softOptions = {
  length: z.int().min(1).optional().describe('Tokens of a text, special ones included; the longest of the data unless told'),
  tokens: z
    .int()
    .min(2)
    .optional()
    .describe('Ids to choose from, whole words first; all unless told, at most 4096 of a larger vocabulary'),
  temperature: z.number().positive().default(1).describe('The lower, the nearer a distribution is to one token'),
  gumbel: z
    .boolean()
    .default(false)
    .describe('Draws tokens in each step, by Gumbel noise, instead of taking the most likely ones'),
  straight: z
    .boolean()
    .default(false)
    .describe('The teacher sees the most likely tokens alone; gradients are those of the distributions'),
};
