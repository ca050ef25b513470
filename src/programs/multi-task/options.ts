import { z } from 'zod';
import { dataSchema } from '../../data/sources.ts';
import { recipeSchema } from '../../recipe/recipe.ts';

/** What a recipe says under `program` for one student of several tasks. */
export const options = z.strictObject({
  kind: z.literal('multi-task'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe("Of the recipe's own data and teacher, the first task; by default that of the data"),
  also: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('In results, and before the names of its classes'),
        data: dataSchema.describe('Examples of the same shape, with classes of their own'),
        teacher: recipeSchema.shape.teacher.describe('Who knows this task; without one it is learnt from labels alone'),
      }),
    )
    .min(1)
    .describe('Further tasks'),
  sampling: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Power of their sizes by which tasks are drawn: 1: every example as often; 0: every task as often'),
});
export type MultiTaskOptions = z.output<typeof options>;
