import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson } from '../run/files.ts';
import { picturesOf } from './pictures.ts';
import type { ProgramResults } from './record.ts';
import type { ProgramRecord } from './run.ts';

/** What a finished program left in its folder; null where it is not one of a program. */
export async function readProgram(directory: string): Promise<ProgramRecord | null> {
  const results = await readJson<ProgramResults>(join(directory, 'results.json'));
  if (results?.program === undefined) return null;
  return {
    results,
    recipe: await readFile(join(directory, 'recipe.yaml'), 'utf8'),
    pictures: await picturesOf(directory, results),
  };
}
