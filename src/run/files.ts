import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A folder or file that cannot be read or written; the message says which and why. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly fault: 'user' | 'environment';
  constructor(message: string, fault: 'user' | 'environment', options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and go on with --resume',
  EDQUOT: 'the disk quota is used up; free some space and go on with --resume',
  EACCES: 'no permission to write there; choose another folder with --out',
  EPERM: 'no permission to write there; choose another folder with --out',
  EROFS: 'the file system is read-only; choose another folder with --out',
  ENOENT: 'it cannot be made or found (is the file system read-only?); choose another folder with --out',
  ENOTDIR: 'a part of the path is a file; choose another folder with --out',
  EMFILE: 'too many open files',
};

/** The error of the file system in words. */
export function fileError(path: string, error: unknown): FileError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new FileError(`${path}: ${reasons[code] ?? (error as Error).message}`, 'environment', { cause: error });
}

/** Runs file work; errors of the file system come out as FileError. */
async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(path, error);
  }
}

async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    // Renaming is atomic only for what has reached the disk.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a file whole or not at all: under a temporary name first, renamed when it is on disk. Makes the folder. */
export function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  return guarded(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.tmp`;
    try {
      await writeDurably(temporary, bytes);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/** Writes a folder of files whole or not at all. The folder must not exist; what a killed writer left under the temporary name goes. */
export function writeFolder(path: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  return guarded(path, async () => {
    const temporary = `${path}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    try {
      for (const [name, bytes] of Object.entries(files)) {
        const file = join(temporary, name);
        await mkdir(dirname(file), { recursive: true });
        await writeDurably(file, bytes);
      }
      await rm(path, { recursive: true, force: true });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  });
}

export const removeFolder = (path: string): Promise<void> => guarded(path, () => rm(path, { recursive: true, force: true }));

/** Names in a folder, sorted; none if there is no such folder. */
export const listFolder = async (path: string): Promise<readonly string[]> =>
  existsSync(path) ? (await guarded(path, () => readdir(path))).sort() : [];

/** A JSON file, or undefined if there is none. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  if (!existsSync(path)) return undefined;
  const text = await guarded(path, () => readFile(path, 'utf8'));
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new FileError(
      `${path}: not JSON (${(error as Error).message}); remove the run folder or choose another with --out`,
      'user',
    );
  }
}

/** Numbers as JSON prints them; a file for people, so with line breaks. */
export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
