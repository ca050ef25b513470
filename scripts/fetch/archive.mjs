// The files inside .tar.gz and .zip archives, held in memory: the public sets are small.

import { gunzipSync, inflateRawSync } from 'node:zlib';

const MOST_BYTES = 2 ** 30;

/**
 * Regular files of a gzipped tar archive (POSIX ustar), by the last part of their names.
 * @param {Uint8Array} bytes
 * @returns {Map<string, Buffer>}
 */
export function filesInTarGz(bytes) {
  const tar = gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  const files = new Map();
  let at = 0;
  while (at + 512 <= tar.length && tar[at] !== 0) {
    const size = Number.parseInt(
      tar
        .toString('latin1', at + 124, at + 136)
        .replace(/\0.*$/, '')
        .trim(),
      8,
    );
    if (!Number.isInteger(size) || at + 512 + size > tar.length) throw new Error('the tar archive is damaged');
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const kind = tar[at + 156];
    if (kind === 0 || kind === 0x30) files.set(lastPart(name), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/**
 * Files of a zip archive (stored or deflated, no zip64), by their whole names.
 * @param {Buffer} bytes
 * @returns {Map<string, Buffer>}
 */
export function filesInZip(bytes) {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('this is not a zip archive');
  const count = bytes.readUInt16LE(end + 10);
  const files = new Map();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error('the zip archive is damaged');
    const method = bytes.readUInt16LE(at + 10);
    const packed = bytes.readUInt32LE(at + 20);
    const [nameLength, extra, comment] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o));
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + packed);
    if (method !== 0 && method !== 8) throw new Error(`'${name}' is packed by method ${method}, which is not known here`);
    if (!name.endsWith('/')) files.set(name, method === 0 ? content : inflateRawSync(content, { maxOutputLength: MOST_BYTES }));
    at += 46 + nameLength + extra + comment;
  }
  return files;
}

/** @param {string} name */
const lastPart = (name) => name.slice(name.lastIndexOf('/') + 1);
