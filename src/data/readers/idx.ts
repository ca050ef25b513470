import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { fileError, readSized, resolvePath } from '../bytes.ts';
import { type Dataset, imageDataset } from '../dataset.ts';
import { DataError } from '../error.ts';
import { type DataContext, defineSource, plainSource } from '../source.ts';

const UNSIGNED_BYTE = 0x08;

interface Idx {
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

/** Reads an IDX file of unsigned bytes with `rank` dimensions (format: yann.lecun.com/exdb/mnist). */
async function readIdx(path: string, rank: number, limit: number): Promise<Idx> {
  const headerSize = 4 + 4 * rank;
  let dims: number[] = [];
  const file = await readSized(
    path,
    headerSize,
    (header) => {
      const magic = header.readUInt32BE(0);
      if (magic !== UNSIGNED_BYTE * 256 + rank) {
        throw new DataError({
          where: path,
          found: `the file starts with 0x${magic.toString(16).padStart(8, '0')}`,
          expected: `0x0000080${rank}, the mark of an IDX file of unsigned bytes with ${rank} dimension${rank > 1 ? 's' : ''}`,
          fix: 'check that images and labels are not exchanged and that this is an IDX file',
        });
      }
      dims = Array.from({ length: rank }, (_, d) => header.readUInt32BE(4 + 4 * d));
      if (dims.includes(0)) {
        throw new DataError({ where: path, found: `dimensions [${dims}]`, expected: 'no empty dimension' });
      }
      return headerSize + dims.reduce((a, b) => a * b, 1);
    },
    limit,
  );
  return { dims, bytes: file.subarray(headerSize) };
}

/** The path with or without `.gz`, whichever is there. */
async function findFile(path: string): Promise<string> {
  for (const candidate of [path, `${path}.gz`]) {
    const there = await stat(candidate).then(
      (s) => s.isFile(),
      () => false,
    );
    if (there) return candidate;
  }
  throw new DataError({
    where: path,
    found: 'there is no such file, with or without .gz',
    expected: 'an IDX file',
    fix: 'check `path` and the file names; `npm run data` fetches the public sets',
  });
}

export const idx = defineSource({
  kind: 'idx',
  summary: 'Grey pictures in IDX files, as MNIST and Fashion-MNIST come (.gz or plain).',
  title: ({ path }) => basename(path),
  options: z.strictObject({
    kind: z.literal('idx'),
    path: z.string().min(1).describe('Folder of the files'),
    trainImages: z.string().default('train-images-idx3-ubyte').describe('Train pictures, with or without .gz'),
    trainLabels: z.string().nullable().default('train-labels-idx1-ubyte').describe('Train labels; null where there are none'),
    testImages: z.string().nullable().default('t10k-images-idx3-ubyte').describe('Test pictures; null to carve a test split'),
    testLabels: z.string().nullable().default('t10k-labels-idx1-ubyte').describe('Test labels'),
    classes: z.array(z.string()).min(2).optional().describe('Names of the classes; default: their numbers'),
  }),
  async open(options, context) {
    const folder = resolvePath(context.folder, options.path);
    await stat(folder).then(
      () => {},
      (error) => Promise.reject(fileError(folder, error)),
    );
    const load = (images: string, labels: string | null, part: string): Promise<RawPart> =>
      loadPart(folder, images, labels, part, context);
    const train = await load(options.trainImages, options.trainLabels, 'train');
    const test = options.testImages === null ? null : await load(options.testImages, options.testLabels, 'test');
    const classes = options.classes ?? numbered(train.labels?.values);
    return plainSource(toDataset(train, classes), test && toDataset(sameSize(train, test), classes));
  },
});

interface RawPart {
  readonly name: string;
  readonly where: string;
  readonly shape: readonly [number, number, number];
  readonly bytes: Uint8Array;
  readonly labels: { readonly where: string; readonly values: Uint8Array } | null;
}

async function loadPart(
  folder: string,
  images: string,
  labels: string | null,
  name: string,
  { maxBytes }: DataContext,
): Promise<RawPart> {
  const where = await findFile(join(folder, images));
  const { dims, bytes } = await readIdx(where, 3, maxBytes);
  const shape: [number, number, number] = [1, dims[1]!, dims[2]!];
  if (labels === null) return { name, where, shape, bytes, labels: null };
  const labelFile = await findFile(join(folder, labels));
  const read = await readIdx(labelFile, 1, maxBytes);
  if (read.dims[0] !== dims[0]) {
    throw new DataError({
      where: labelFile,
      found: `${read.dims[0]} labels`,
      expected: `${dims[0]}, one for each picture of ${where}`,
      fix: 'use the two files of one set',
    });
  }
  return { name, where, shape, bytes, labels: { where: labelFile, values: read.bytes } };
}

const numbered = (labels: Uint8Array | undefined): readonly string[] | null =>
  labels ? Array.from({ length: labels.reduce((a, b) => Math.max(a, b), 1) + 1 }, (_, c) => String(c)) : null;

function sameSize(train: RawPart, test: RawPart): RawPart {
  if (train.shape.join() !== test.shape.join()) {
    throw new DataError({
      where: test.where,
      found: `pictures of ${test.shape.slice(1).join('x')}`,
      expected: `${train.shape.slice(1).join('x')}, as in ${train.where}`,
      fix: 'use the test files of the same set',
    });
  }
  return test;
}

function toDataset({ name, shape, bytes, labels }: RawPart, classes: readonly string[] | null): Dataset {
  if (labels && classes) {
    const wrong = labels.values.findIndex((l) => l >= classes.length);
    if (wrong >= 0) {
      throw new DataError({
        where: `${labels.where}, label ${wrong}`,
        found: `class ${labels.values[wrong]}`,
        expected: `0 to ${classes.length - 1}`,
        fix: 'check `classes`, and that the file belongs to this set',
      });
    }
  }
  return imageDataset({ name, shape, bytes, labels: classes && labels ? labels.values : null, classes });
}
