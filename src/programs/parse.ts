import { z } from 'zod';
import { RecipeError } from '../recipe/error.ts';
import { completed, type Override, parseAs, parseRecipe, readText } from '../recipe/parse.ts';
import { type Recipe, type RecipeInput, recipeSchema } from '../recipe/recipe.ts';
import { type ProgramOptions, programOf, programSchema } from './list.ts';

/** A recipe as people write it: of one run, or with `program` of several. */
export const planSchema = recipeSchema.extend({
  program: programSchema.optional().describe('Several runs in a row instead of one; the rest of the recipe is what they share'),
});
export type PlanInput = RecipeInput & { readonly program?: z.input<typeof programSchema> };

/** A recipe and the program that goes over it; null: one run. */
export interface Plan {
  readonly program: ProgramOptions | null;
  readonly recipe: Recipe;
}

/**
 * A recipe that may name a program, with all defaults filled in.
 * @throws RecipeError with every problem at once.
 */
export function parsePlan(input: PlanInput | unknown, where = 'recipe'): Plan {
  if (!names(input)) return { program: null, recipe: parseRecipe(input, where) };
  const { program, ...rest } = parseAs(planSchema, input, where);
  const entry = programOf(program!);
  const recipe = completed(rest, where, { taught: entry.teaches, ownLosses: entry.ownLosses ?? false });
  const problems = [...(entry.check?.(program as never, recipe) ?? [])];
  if (problems.length > 0) throw new RecipeError(problems, where);
  return { program: program!, recipe };
}

/** The same from YAML text. @throws RecipeError */
export const parsePlanText = (text: string, where = 'recipe', overrides: readonly Override[] = []): Plan =>
  parsePlan(readText(text, where, overrides), where);

const names = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && (input as { program?: unknown }).program !== undefined;

/** The JSON Schema (draft 2020-12) of a recipe as people write it, for editors. */
export const recipeJsonSchema = (): Record<string, unknown> => ({
  $id: 'urn:potstill:recipe:1',
  title: 'Potstill recipe',
  ...z.toJSONSchema(planSchema, { io: 'input' }),
});
