import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readResults } from '../run/read-record.ts';

/** The recipe that a word of the command line means, and the run that it stands in. @throws FileError where a folder is no finished run. */
export async function recipeOrRun(word: string): Promise<{ readonly path: string; readonly run?: string }> {
  if (!existsSync(word) || !statSync(word).isDirectory()) return { path: word };
  await readResults(word);
  return { path: join(word, 'recipe.yaml'), run: word };
}
