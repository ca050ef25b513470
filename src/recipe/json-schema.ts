import { z } from 'zod';
import { recipeSchema } from './recipe.ts';

/** The JSON Schema (draft 2020-12) of a recipe as people write it, for editors. */
export const recipeJsonSchema = (): Record<string, unknown> => ({
  $id: 'urn:potstill:recipe:1',
  title: 'Potstill recipe',
  ...z.toJSONSchema(recipeSchema, { io: 'input' }),
});
