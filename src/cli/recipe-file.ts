import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type Plan, parsePlanText } from '../programs/parse.ts';
import { type Override, parseOverride } from '../recipe/parse.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { FileError, fileError } from '../run/files.ts';
import { engineOptions } from './engine.ts';
import { list } from './option.ts';

/** Options that change a recipe from the command line. */
export const recipeOptions = {
  set: list('path=value', 'Change a key of the recipe, such as training.epochs=5; may be given several times'),
  ...engineOptions,
} as const;

interface Changes {
  readonly set: readonly string[];
  readonly seeds?: number | undefined;
  readonly threads: number | undefined;
  readonly provider: string | undefined;
}

/** A recipe from a file, perhaps of a program, with the changes of the command line. @throws RecipeError, FileError */
export async function readPlan(path: string, changes: Changes): Promise<Plan> {
  return parsePlanText(await readText(path), path, overridesOf(changes));
}

/** The same without its program. */
export const readRecipe = async (path: string, changes: Changes): Promise<Recipe> => (await readPlan(path, changes)).recipe;

/** A later change wins; `--set` comes before the options that have their own names. */
export function overridesOf({ set, seeds, threads, provider }: Changes): readonly Override[] {
  const named = { seeds, 'runtime.threads': threads, 'runtime.provider': provider };
  return [
    ...set.map(parseOverride),
    ...Object.entries(named).flatMap(([path, value]) => (value === undefined ? [] : [{ path: path.split('.'), value }])),
  ];
}

async function readText(path: string): Promise<string> {
  if (!existsSync(path)) {
    throw new FileError(`${path}: no such file; expected a recipe (\`potstill run --help\` shows one)`, 'user');
  }
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') {
      throw new FileError(`${path}: found a folder; expected a recipe file`, 'user');
    }
    throw fileError(path, error);
  }
}
