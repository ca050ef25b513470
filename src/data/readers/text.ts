import { isUtf8 } from 'node:buffer';
import { readBytes } from '../bytes.ts';
import { DataError } from '../error.ts';

/** More text than this does not fit into one JavaScript string. */
const MOST_TEXT = 2 ** 29 - 24;

/** The bytes of a text file (.gz or plain), known to be UTF-8 without NULs. */
export async function readText(path: string, maxBytes: number): Promise<Buffer> {
  const bytes = await readBytes(path, Math.min(maxBytes, MOST_TEXT));
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    throw new DataError({
      where: `${path}, line ${lineOf(bytes, nul)}`,
      found: 'a NUL byte',
      expected: 'text in UTF-8',
      fix: 'this is a binary file or UTF-16: save it as UTF-8',
    });
  }
  if (!isUtf8(bytes))
    throw new DataError({ where: path, found: 'bytes that are not UTF-8', expected: 'text in UTF-8', fix: 'save it as UTF-8' });
  return bytes;
}

function lineOf(bytes: Buffer, at: number): number {
  let line = 1;
  for (let i = bytes.indexOf(10); i >= 0 && i < at; i = bytes.indexOf(10, i + 1)) line++;
  return line;
}
