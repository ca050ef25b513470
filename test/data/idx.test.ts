import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contents, failure, folderWith, idxFile, load } from './fixture.ts';

const pictures = (n: number, from = 0) =>
  idxFile(
    [n, 2, 3],
    Array.from({ length: n * 6 }, (_, i) => (from + i * 37) % 256),
  );
const labels = (n: number, classes = 3) =>
  idxFile(
    [n],
    Array.from({ length: n }, (_, i) => i % classes),
  );
const whole = {
  'train-images-idx3-ubyte': pictures(30),
  'train-labels-idx1-ubyte': labels(30),
  't10k-images-idx3-ubyte': pictures(6, 5),
  't10k-labels-idx1-ubyte': labels(6),
};
const open = (files: Record<string, Uint8Array | string>, options: Record<string, unknown> = {}) => {
  const folder = folderWith(files);
  return load({ kind: 'idx', path: folder, ...options });
};

describe('idx', () => {
  it('reads plain and gzipped files alike', async () => {
    const plain = await open(whole, { validation: 0 });
    const packed = await open(Object.fromEntries(Object.entries(whole).map(([n, f]) => [`${n}.gz`, gzipSync(f)])), {
      validation: 0,
    });
    expect(contents(packed.train)).toEqual(contents(plain.train));
    expect(contents(packed.test)).toEqual(contents(plain.test));
    expect(plain.train.example).toEqual({ layout: 'image', shape: [1, 2, 3] });
    expect(plain.train.classes).toEqual(['0', '1', '2']);
    const first = contents(plain.train)[0]!;
    expect(first.x).toEqual(Array.from(Float32Array.from([0, 37, 74, 111, 148, 185], (b) => b / 255)));
    expect(first.target).toEqual([1, 0, 0]);
  });

  it('opens a set without labels and without a test part', async () => {
    const { train, test } = await open(
      { 'train-images-idx3-ubyte': pictures(30) },
      { trainLabels: null, testImages: null, test: 5 },
    );
    expect(train.classes).toBeNull();
    expect(train.label(0)).toBe(-1);
    expect(test.size).toBe(5);
  });

  it.each([
    [
      'images and labels exchanged',
      { ...whole, 'train-images-idx3-ubyte': labels(30) },
      /starts with 0x00000801; expected 0x00000803/,
    ],
    ['another format', { ...whole, 'train-images-idx3-ubyte': 'not an idx file at all' }, /starts with 0x6e6f7420/],
    ['fewer labels than pictures', { ...whole, 'train-labels-idx1-ubyte': labels(29) }, /29 labels; expected 30/],
    [
      'a file that is cut off',
      { ...whole, 'train-images-idx3-ubyte': pictures(30).subarray(0, 100) },
      /speaks of 196 bytes.*at most 100/,
    ],
    [
      'a gzip that is cut off',
      { ...whole, 'train-images-idx3-ubyte': gzipSync(pictures(30)).subarray(0, 80) },
      /ends in the middle/,
    ],
    ['a gzip that is damaged', { ...whole, 'train-labels-idx1-ubyte': Buffer.from('1f8b0800ffffffffff', 'hex') }, /gzip/],
    [
      'a gzipped file that is cut off',
      { ...whole, 'train-images-idx3-ubyte': gzipSync(pictures(30).subarray(0, 100)) },
      /ends after 100 bytes/,
    ],
    [
      'bytes after the end',
      { ...whole, 'train-images-idx3-ubyte': Buffer.concat([pictures(30), Buffer.alloc(3)]) },
      /more bytes than the header/,
    ],
    ['an empty file', { ...whole, 'train-images-idx3-ubyte': '' }, /has 0 bytes; expected a header of 16/],
    ['four thousand million pictures', { ...whole, 'train-images-idx3-ubyte': idxFile([4e9, 65535, 65535], [0]) }, /cannot hold/],
    ['no pictures', { ...whole, 'train-images-idx3-ubyte': idxFile([0, 2, 3], []) }, /no empty dimension/],
    ['a missing file', { 'train-images-idx3-ubyte': pictures(30) }, /train-labels-idx1-ubyte: there is no such file/],
    [
      'test pictures of another size',
      { ...whole, 't10k-images-idx3-ubyte': idxFile([6, 3, 3], new Uint8Array(54)) },
      /pictures of 3x3; expected 2x3/,
    ],
    [
      'a test label beyond the classes',
      { ...whole, 't10k-labels-idx1-ubyte': labels(6, 5) },
      /label 3: class 3; expected 0 to 2/,
    ],
  ])('says what is wrong with %s', async (_, files, message) => {
    const error = await failure(open(files));
    expect(error.message).toMatch(message);
    expect(error.fault).toBe('data');
  });

  it('refuses a bomb before it is unpacked', async () => {
    const files = {
      ...whole,
      'train-images-idx3-ubyte': gzipSync(Buffer.concat([idxFile([200, 100, 100], []), Buffer.alloc(2e6)])),
    };
    const error = await failure(load({ kind: 'idx', path: folderWith(files) }, '.', 1e6));
    expect(error.message).toMatch(/more than 1000000 bytes when decompressed/);
  });

  it('names labels by the given classes, and checks them', async () => {
    expect((await open(whole, { classes: ['a', 'b', 'c'] })).train.classes).toEqual(['a', 'b', 'c']);
    expect((await failure(open(whole, { classes: ['a', 'b'] }))).message).toMatch(/label 2: class 2; expected 0 to 1/);
  });

  it('says that the folder is missing', async () => {
    expect((await failure(load({ kind: 'idx', path: '/nowhere/at/all' }))).message).toMatch(
      /^\/nowhere\/at\/all: there is no such file or folder/,
    );
  });
});
