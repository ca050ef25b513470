import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramResults } from './record.ts';

/** Pictures as `data:image/png;base64,…`, by where they are from the program's folder. */
export type Pictures = Readonly<Record<string, string>>;

/** Results may come from anywhere; nothing is read outside of the folder's gallery. */
const ownPicture = /^gallery\/(?!.*\.\.)[^\\:]+\.png$/;

/** The pictures of the galleries, as far as they are still there. */
export async function picturesOf(directory: string, { galleries = [] }: Pick<ProgramResults, 'galleries'>): Promise<Pictures> {
  const sheets = galleries.flatMap(({ rows }) => rows.flatMap(({ shown }) => (shown?.kind === 'pictures' ? [shown.sheet] : [])));
  const found = [...new Set(sheets)].filter((sheet) => ownPicture.test(sheet) && existsSync(join(directory, sheet)));
  return Object.fromEntries(
    await Promise.all(
      found.map(async (sheet) => {
        const png = await readFile(join(directory, sheet));
        return [sheet, `data:image/png;base64,${png.toString('base64')}`] as const;
      }),
    ),
  );
}
