import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, listFolder, removeFolder, writeWhole } from './files.ts';

const recipeFile = 'recipe.yaml';

export interface Claim {
  /** The resolved recipe as it is written beside the results. */
  readonly recipe: string;
  /** Go on with what is unfinished there, of the same recipe. */
  readonly resume: boolean;
  /** Replace whatever is there. */
  readonly force: boolean;
  /** What such a folder is known by; nothing else is ever removed. */
  readonly ownNames: readonly string[];
  /** Files that a new one begins with. */
  readonly first?: Readonly<Record<string, string>>;
}

/**
 * Makes a folder that of a recipe: a new one, or one to go on with.
 * @returns whether it was there already.
 * @throws FileError if it is taken and neither `resume` nor `force` says what to do, if it is of another recipe, or holds other files.
 */
export async function claimFolder(directory: string, { recipe, resume, force, ownNames, first = {} }: Claim): Promise<boolean> {
  const present = existsSync(join(directory, recipeFile));
  if (present && force) for (const name of ownNames) await removeFolder(join(directory, name));
  else if (present) await checkSame(directory, recipe, resume);
  else if ((await listFolder(directory)).some((name) => !ownNames.includes(name.replace(/\.tmp$/, '')))) {
    throw new FileError(
      `${directory}: this folder holds other files; expected an empty or new one; choose another with --out`,
      'user',
    );
  }
  if (present && !force) return true;
  for (const [name, text] of Object.entries(first)) await writeWhole(join(directory, name), text);
  await writeWhole(join(directory, recipeFile), recipe);
  return false;
}

async function checkSame(directory: string, recipe: string, resume: boolean): Promise<void> {
  const before = await readFile(join(directory, recipeFile), 'utf8');
  const hint = existsSync(join(directory, 'results.json')) ? 'it is finished' : 'it is not finished';
  if (!resume) {
    throw new FileError(
      `${directory}: there is a run already (${hint}); go on with --resume, replace it with --force, or choose another folder with --out`,
      'user',
    );
  }
  if (before !== recipe) {
    throw new FileError(
      `${directory}: the run there has another recipe (compare ${recipeFile}); resume it with its own, replace it with --force, or choose another folder with --out`,
      'user',
    );
  }
}
