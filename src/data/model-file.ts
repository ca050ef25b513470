import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileError } from './bytes.ts';
import { DataError } from './error.ts';

/** An ONNX file with access to the weights files beside it, and to nothing else. */
export interface LoadedModelFile {
  /** The path, for messages. */
  readonly source: string;
  readonly bytes: Uint8Array;
  /** Reads a file of the model's folder; throws `DataError` for one that lies elsewhere, also by way of links. */
  readonly readExternal: (location: string) => Uint8Array;
}

/** A file is read in pieces: the system refuses more than 2 GB at once. */
const pieceBytes = 1 << 28;

/** An ONNX file holds no more: it is one protobuf message. */
const mostModelBytes = 2 ** 31 - 1;

/** Reads an ONNX file. Throws `DataError` if there is none, or one that is larger than an ONNX file can be. */
export function loadModelFile(path: string): LoadedModelFile {
  const bytes = readWhole(path, mostModelBytes);
  const readExternal = (location: string): Uint8Array => {
    const folder = realpathSync(dirname(path));
    const inside = join(folder, location);
    let real: string;
    try {
      real = realpathSync(inside);
    } catch (error) {
      throw fileError(inside, error);
    }
    if (!real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
      throw new DataError({
        where: path,
        found: `weights in '${location}', which leads to ${real}`,
        expected: `a file in ${folder}`,
        fix: 'copy the weights beside the model if you trust it',
      });
    }
    return readWhole(real);
  };
  return { source: path, bytes, readExternal };
}

function readWhole(path: string, most = Number.POSITIVE_INFINITY): Uint8Array {
  try {
    const file = openSync(path, 'r');
    try {
      const stat = fstatSync(file);
      if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      if (!stat.isFile()) throw new DataError({ where: path, found: 'a device or a pipe', expected: 'a file' });
      if (stat.size > most) {
        throw new DataError({
          where: path,
          found: `a file of ${(stat.size / 1e9).toFixed(1)} GB`,
          expected: `an ONNX file, which has at most ${(most / 1e9).toFixed(1)} GB`,
          fix: 'save the model with its weights in a file beside it (external data)',
        });
      }
      const bytes = new Uint8Array(stat.size);
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(file, bytes, at, Math.min(pieceBytes, bytes.length - at), at);
        if (read === 0)
          throw new DataError({ where: path, found: `${at} of ${bytes.length} bytes`, expected: 'a file that nobody changes' });
        at += read;
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(path, error);
  }
}
