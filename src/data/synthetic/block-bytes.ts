import { createHash } from 'node:crypto';
import { exampleSize } from '../dataset.ts';
import { DataError } from '../error.ts';
import { type Block, blockSize, type GatheredOptions } from './gathered.ts';

/** `pstblock`, then the version, the number of examples, of numbers in one, of labels (0 or 1) and of values; all little-endian. */
const magic = 'pstblock';
const version = 1;
const headerBytes = 8 + 5 * 4;
/** SHA-256 of everything before it. */
const digestBytes = 32;

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Made-up examples as bytes: a header, the numbers, the labels, the values, and a digest of all of it. */
export function encodeBlock(block: Block, options: GatheredOptions): Uint8Array {
  const count = blockSize(block, options);
  const parts = [block.x, block.labels, block.targets].filter((part) => part !== null);
  const header = Buffer.alloc(headerBytes);
  header.write(magic, 'latin1');
  const facts = [version, count, exampleSize(options), options.classes ? 1 : 0, options.targets.length];
  facts.forEach((n, i) => {
    header.writeUInt32LE(n, 8 + 4 * i);
  });
  const body = Buffer.concat([header, ...parts.map(bytesOf)]);
  return Buffer.concat([body, digestOf(body)]);
}

/** @throws DataError for bytes that are not a whole block of such examples. */
export function decodeBlock(bytes: Uint8Array, where: string, options: GatheredOptions): Block {
  const bad = (found: string, expected: string): DataError =>
    new DataError({ where, found, expected, fix: 'the file is damaged or not one of this set: make the set anew' });
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < headerBytes + digestBytes || view.toString('latin1', 0, 8) !== magic) {
    throw bad(`${view.length} bytes that do not start as a block does`, 'a block of made-up examples');
  }
  const [found, count, width, labels, values] = Array.from({ length: 5 }, (_, i) => view.readUInt32LE(8 + 4 * i)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (found !== version) throw bad(`version ${found} of the format`, `version ${version}`);
  const wanted = [exampleSize(options), options.classes ? 1 : 0, options.targets.length];
  if (String([width, labels, values]) !== String(wanted)) {
    throw bad(
      `${width} numbers, ${labels} labels and ${values} values an example`,
      `${wanted[0]}, ${wanted[1]} and ${wanted[2]}, as the set says`,
    );
  }
  const end = headerBytes + 4 * count * (width + labels + values);
  if (view.length !== end + digestBytes) throw bad(`${view.length} bytes`, `${end + digestBytes} for ${count} examples`);
  if (!view.subarray(end).equals(digestOf(view.subarray(0, end))))
    throw bad('other bytes than were written', 'those with its digest');
  // Copied out, since a part of a buffer may lie at any address.
  const copy = view.buffer.slice(view.byteOffset + headerBytes, view.byteOffset + end);
  const block: Block = {
    x: new Float32Array(copy, 0, count * width),
    labels: options.classes && new Int32Array(copy, 4 * count * width, count),
    targets: values > 0 ? new Float32Array(copy, 4 * count * (width + labels), count * values) : null,
  };
  const classes = options.classes?.length ?? 0;
  const wrong = block.labels?.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) throw bad(`class ${wrong}`, `0 to ${classes - 1}`);
  return block;
}
