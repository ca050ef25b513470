import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../src/data/error.ts';
import { failure, folderWith, idxFile, load } from './fixture.ts';

const valid: Readonly<Record<string, Buffer>> = {
  'train-images-idx3-ubyte': idxFile(
    [8, 2, 2],
    Array.from({ length: 32 }, (_, i) => 5 * i),
  ),
  'train-labels-idx1-ubyte': idxFile([8], [0, 1, 2, 0, 1, 2, 0, 1]),
  'train.bin': Buffer.concat(Array.from({ length: 4 }, (_, r) => Buffer.alloc(3073, r))),
  'a.csv': Buffer.from(`a,b,y\n${Array.from({ length: 12 }, (_, i) => `${i},"t ${i % 3}",${i % 2}`).join('\n')}\n`),
  'a.jsonl': Buffer.from(Array.from({ length: 12 }, (_, i) => JSON.stringify({ a: i, b: [i, i], y: i % 2 })).join('\n')),
};
const readers: readonly [string, string, Record<string, unknown>][] = [
  ['idx pictures', 'train-images-idx3-ubyte', { kind: 'idx', path: '.', testImages: null }],
  ['idx labels', 'train-labels-idx1-ubyte', { kind: 'idx', path: '.', testImages: null }],
  ['cifar', 'train.bin', { kind: 'cifar', path: '.' }],
  ['csv', 'a.csv', { kind: 'csv', path: 'a.csv', label: 'y' }],
  ['jsonl', 'a.jsonl', { kind: 'jsonl', path: 'a.jsonl', label: 'y' }],
];

describe.each(readers)('%s', (_, file, options) => {
  const folder = folderWith(valid);
  const opened = async (content: Uint8Array): Promise<void> => {
    writeFileSync(join(folder, file), content);
    try {
      const { train } = await load({ ...options, validation: 0, test: 1 }, folder, 2 ** 20);
      expect(train.size).toBeGreaterThan(0);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      expect(error.fault).toBe('data');
      expect(error.message).not.toMatch(/internal|undefined|NaN bytes/);
    }
  };

  it('opens the undamaged file', async () => {
    writeFileSync(join(folder, file), valid[file]!);
    expect((await load({ ...options, validation: 0, test: 1 }, folder)).train.size).toBeGreaterThan(2);
  });

  it('answers any bytes with data or a DataError', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), opened), { numRuns: 60 });
  });

  it('answers a damaged or cut file with data or a DataError, also when gzipped', async () => {
    const damage = fc.tuple(fc.nat(), fc.nat(255), fc.nat(), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(damage, async ([at, byte, cut, late, packed]) => {
        const content = Buffer.from(packed && late ? gzipSync(valid[file]!) : valid[file]!);
        content[at % content.length] = byte;
        const short = content.subarray(0, 1 + (cut % content.length));
        await opened(packed && !late ? gzipSync(short) : short);
      }),
      { numRuns: 80 },
    );
  });

  it('says that a folder stands where a file should be', async () => {
    const other = folderWith({
      [`${file}/x`]: '',
      ...Object.fromEntries(Object.entries(valid).filter(([name]) => name !== file)),
    });
    const error = await failure(load({ ...options }, other));
    expect(error.fault).toBe('data');
    expect(error.message).toMatch(/it is a folder; expected a file|there is no such file/);
  });
});
