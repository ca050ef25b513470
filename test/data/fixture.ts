import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { type Dataset, exampleSize, targetSize } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/error.ts';
import { type DataOptions, dataSchema, openData } from '../../src/data/sources.ts';
import type { Splits } from '../../src/data/split.ts';

/** A folder with the given files, removed after the tests of the file. */
export function folderWith(files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'potstill-data-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const load = (options: Record<string, unknown>, folder = '.', maxBytes = 2 ** 28): Promise<Splits> =>
  openData(dataSchema.parse(options) as DataOptions, { folder, maxBytes });

/** The DataError that something ends with. */
export async function failure(promise: Promise<unknown>): Promise<DataError> {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (error instanceof DataError) return error;
  throw new Error(`expected a DataError, got ${error === null ? 'success' : String(error)}`, { cause: error });
}

/** Every example and target as plain numbers. */
export function contents(dataset: Dataset): { x: number[]; label: number; target: number[] }[] {
  return Array.from({ length: dataset.size }, (_, i) => {
    const x = new Float32Array(exampleSize(dataset));
    const target = new Float32Array(targetSize(dataset));
    dataset.read(i, x, 0);
    dataset.target(i, target, 0);
    return { x: Array.from(x), label: dataset.label(i), target: Array.from(target) };
  });
}

/** An IDX file of unsigned bytes. */
export function idxFile(dims: readonly number[], data: ArrayLike<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.writeUInt32BE(0x0800 + dims.length, 0);
  dims.forEach((d, i) => {
    header.writeUInt32BE(d, 4 + 4 * i);
  });
  return Buffer.concat([header, Buffer.from(Array.from(data))]);
}
