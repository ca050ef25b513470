import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Metadata } from '../synthesis/metadata/metadata.ts';
import { FileError, fileError, writeWhole } from './files.ts';
import { parseStatistics } from './statistics/parse.ts';
import { serialiseStatistics } from './statistics/serialise.ts';

/**
 * Statistics of a teacher out of a file.
 * @throws FileError when it is not there or no safetensors file, DataError when it holds no statistics or impossible ones.
 */
export async function readStatistics(path: string): Promise<Metadata> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(path, error);
    throw new FileError(`${path}: no such file; expected statistics of a teacher; make them with \`potstill collect\``, 'user');
  }
  return parseStatistics(bytes, path);
}

/** @throws FileError where there is a file already, unless it may be overwritten. */
export function refuseExisting(path: string, force = false): void {
  if (force || !existsSync(path)) return;
  throw new FileError(`${path}: it exists; expected a new file; choose another with --out, or replace it with --force`, 'user');
}

/** Writes statistics whole or not at all; returns the bytes of the file. @throws FileError where there is one already, unless `force`. */
export async function writeStatistics(
  path: string,
  metadata: Metadata,
  { force = false }: { readonly force?: boolean } = {},
): Promise<number> {
  refuseExisting(path, force);
  const bytes = serialiseStatistics(metadata);
  await writeWhole(path, bytes);
  return bytes.length;
}
