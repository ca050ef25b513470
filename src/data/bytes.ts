import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError, type DataIssue } from './error.ts';

/** Deflate cannot shrink data by more than this factor (zlib technical details, "Maximum compression factor"). */
const MOST_SHRINKING = 1032;

/** A path of a recipe as a path of the machine. */
export const resolvePath = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));

interface Opened {
  /** No more bytes than this can come out. */
  readonly ceiling: number;
  chunks(): AsyncIterable<Buffer>;
}

/** Opens a file, gzipped (known by its first bytes, not by its name) or plain. */
async function openFile(path: string): Promise<Opened> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const start = Buffer.alloc(2);
      await file.read(start, 0, 2, 0);
      const gz = start[0] === 0x1f && start[1] === 0x8b;
      const chunks = (): AsyncIterable<Buffer> => {
        const stream = createReadStream(path, { highWaterMark: 1 << 18 });
        return gz ? pipeline(stream, createGunzip({ chunkSize: 1 << 18 }), () => {}) : stream;
      };
      return { ceiling: gz ? size * MOST_SHRINKING : size, chunks };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

const causes: Readonly<Record<string, Omit<DataIssue, 'where'>>> = {
  ENOENT: { found: 'there is no such file or folder', expected: 'one that can be read', fix: 'check the path' },
  EISDIR: { found: 'it is a folder', expected: 'a file', fix: 'name a file inside it' },
  ENOTDIR: { found: 'it is a file', expected: 'a folder', fix: 'name the folder that holds the files' },
  Z_BUF_ERROR: {
    found: 'the gzip stream ends in the middle',
    expected: 'a whole .gz file',
    fix: 'the download was probably cut off: fetch it again',
  },
};
const damaged = { found: 'the gzip stream is damaged', expected: 'a whole .gz file', fix: 'fetch it again' };

/** What a failed look at a file means for the user; errors that are not of the system are given back as they are. */
export function fileError(path: string, error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (error instanceof DataError || code === '') return error;
  const cause = causes[code] ?? (code.startsWith('Z_') ? damaged : undefined);
  if (cause) return new DataError({ where: path, ...cause }, 'data', error);
  return new DataError({ where: path, found: message, expected: 'a file that can be read' }, 'environment', error);
}

const tooLarge = (path: string, limit: number): DataError =>
  new DataError({
    where: path,
    found: `it holds more than ${limit} bytes when decompressed`,
    expected: `at most ${limit}`,
    fix: 'raise the limit if the file is really that large, or split it',
  });

/** The whole content, decompressed, unless it is larger than `limit` bytes. */
export async function readBytes(path: string, limit: number): Promise<Buffer> {
  const file = await openFile(path);
  const parts: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of file.chunks()) {
      total += chunk.length;
      if (total > limit) throw tooLarge(path, limit);
      parts.push(chunk);
    }
  } catch (error) {
    throw fileError(path, error);
  }
  return Buffer.concat(parts, total);
}

/**
 * The whole content of a file whose first `headerSize` bytes tell how long it is. Nothing is allocated for a claim that the file
 * cannot keep.
 */
export async function readSized(
  path: string,
  headerSize: number,
  totalOf: (header: Buffer) => number,
  limit: number,
): Promise<Buffer> {
  const file = await openFile(path);
  const wrong = (found: string, expected: string): DataError =>
    new DataError({ where: path, found, expected, fix: 'the file is cut off, damaged or of another format: fetch it again' });
  let header: Buffer = Buffer.alloc(0);
  let out: Buffer | null = null;
  let filled = 0;
  const take = (bytes: Buffer): void => {
    if (filled + bytes.length > out!.length) throw wrong('there are more bytes than the header says', `${out!.length} bytes`);
    bytes.copy(out!, filled);
    filled += bytes.length;
  };
  try {
    for await (const chunk of file.chunks()) {
      if (out) {
        take(chunk);
        continue;
      }
      header = Buffer.concat([header, chunk]);
      if (header.length < headerSize) continue;
      const total = totalOf(header.subarray(0, headerSize));
      if (total > file.ceiling)
        throw wrong(`the header speaks of ${total} bytes, which this file cannot hold`, `at most ${file.ceiling}`);
      if (total > limit) throw tooLarge(path, limit);
      out = Buffer.allocUnsafe(total);
      take(header);
    }
  } catch (error) {
    throw fileError(path, error);
  }
  if (!out) throw wrong(`the file has ${header.length} bytes`, `a header of ${headerSize} bytes`);
  if (filled < out.length) throw wrong(`the file ends after ${filled} bytes`, `${out.length} bytes, as its header says`);
  return out;
}
