import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { FileError, fileError, writeFolder } from './files.ts';
import { readResults } from './read-record.ts';

export interface ExportOptions {
  /** Folder to write; by default the name of the run's folder. */
  readonly to?: string | undefined;
  /** Replace the exported model that is there. */
  readonly force?: boolean;
}

export interface Exported {
  readonly folder: string;
  /** Paths below it. */
  readonly files: readonly string[];
}

/**
 * Copies the student of a finished run to a folder of its own, whole or not at all.
 * @throws FileError if the run is not finished, or the folder exists and `force` is not given.
 */
export async function exportRun(directory: string, { to, force = false }: ExportOptions = {}): Promise<Exported> {
  await readResults(directory);
  const from = join(directory, 'student');
  const folder = to ?? basename(resolve(directory));
  if ([directory, from].some((taken) => inside(taken, folder))) {
    throw new FileError(`${folder}: found a folder of the run itself; expected another place; choose one with --to`, 'user');
  }
  if (existsSync(folder) && !force) {
    throw new FileError(
      `${folder}: it exists; expected a new folder; choose another with --to, or replace it with --force`,
      'user',
    );
  }
  const files = await readFolder(from);
  await writeFolder(folder, files);
  return { folder, files: Object.keys(files) };
}

/** Whether replacing `folder` would touch `taken`, or write into it. */
const inside = (taken: string, folder: string): boolean => {
  const [a, b] = [resolve(taken) + sep, resolve(folder) + sep];
  return a.startsWith(b) || b.startsWith(a);
};

async function readFolder(folder: string): Promise<Record<string, Uint8Array>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((e) => e.isFile()).map((e) => relative(folder, join(e.parentPath, e.name)));
    const files: Record<string, Uint8Array> = {};
    for (const path of paths.sort()) files[path.split(sep).join('/')] = await readFile(join(folder, path));
    return files;
  } catch (error) {
    throw fileError(folder, error);
  }
}
