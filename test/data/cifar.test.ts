import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contents, failure, folderWith, load } from './fixture.ts';

/** Rows whose pixel p of plane c is 10·c + row + p (mod 256). */
const rows = (labels: readonly (readonly number[])[], from = 0) =>
  Buffer.concat(
    labels.map((label, r) => {
      const pixels = Buffer.alloc(3072);
      for (let c = 0; c < 3; c++) for (let p = 0; p < 1024; p++) pixels[c * 1024 + p] = (10 * c + from + r + p) % 256;
      return Buffer.concat([Buffer.from(label), pixels]);
    }),
  );
const ten = (n: number, from = 0) =>
  rows(
    Array.from({ length: n }, (_, i) => [i % 10]),
    from,
  );
const open = (files: Record<string, Uint8Array | string>, options: Record<string, unknown> = {}) =>
  load({ kind: 'cifar', path: folderWith(files), ...options });

describe('cifar', () => {
  it('reads the five batches in order, or the files it is told', async () => {
    const files = {
      'data_batch_1.bin': ten(20),
      'data_batch_2.bin.gz': gzipSync(ten(20, 20)),
      'test_batch.bin': ten(10, 50),
      'train_part.bin': ten(10),
    };
    const { train, test } = await open(files, { validation: 0 });
    expect(train.size).toBe(40);
    expect(test.size).toBe(10);
    expect(train.example).toEqual({ layout: 'image', shape: [3, 32, 32] });
    const { x, label } = contents(train)[21]!;
    expect(label).toBe(1);
    expect(x[0]).toBeCloseTo(21 / 255);
    expect(x[2 * 1024 + 5]).toBeCloseTo((20 + 21 + 5) / 255);
    expect((await open(files, { trainFiles: ['train_part.bin'], testFiles: [], validation: 0, limit: 4 })).train.size).toBe(4);
  });

  it('takes the coarse or the fine label of CIFAR-100, and the names beside the data', async () => {
    const files = {
      'train.bin': rows(Array.from({ length: 40 }, (_, i) => [i % 20, 99 - i])),
      'test.bin': rows([[3, 7]], 60),
      'coarse_label_names.txt': Array.from({ length: 20 }, (_, i) => `coarse ${i}\n`).join(''),
    };
    const coarse = await open(files, { variant: 100, labels: 'coarse', validation: 0 });
    expect(coarse.test.label(0)).toBe(3);
    expect(coarse.test.classes?.[3]).toBe('coarse 3');
    const fine = await open(files, { variant: 100, validation: 0 });
    expect(fine.test.label(0)).toBe(7);
    expect(fine.train.classes).toHaveLength(100);
  });

  it('collects every wrong row', async () => {
    const error = await failure(open({ 'train.bin': rows([[1], [10], [2], [255]]) }));
    expect(error.issues.map((i) => `${i.where.split('/').pop()}: ${i.found}`)).toEqual([
      'train.bin, row 1: class 10',
      'train.bin, row 3: class 255',
    ]);
  });

  it.each([
    ['a cut row', { 'train.bin': ten(3).subarray(0, 9000) }, /9000 bytes; expected a positive multiple of 3073/],
    ['a cut gzip', { 'train.bin.gz': gzipSync(ten(3)).subarray(0, 200) }, /ends in the middle/],
    ['no files', { 'readme.txt': '' }, /no data_batch_\*\.bin/],
    ['too few names', { 'train.bin': ten(20), 'batches.meta.txt': 'cat\ndog\n' }, /2 names; expected 10/],
  ])('says what is wrong with %s', async (_, files, message) => {
    expect((await failure(open(files as unknown as Record<string, Uint8Array | string>))).message).toMatch(message);
  });

  it('stops a zip bomb at the limit', async () => {
    const folder = folderWith({ 'train.bin.gz': gzipSync(new Uint8Array(3073 * 4000)) });
    expect((await failure(load({ kind: 'cifar', path: folder }, '.', 1e6))).message).toMatch(/more than 1000000 bytes/);
  });
});
