import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DataError } from '../../src/data/error.ts';
import { random } from '../../src/data/random.ts';
import type { Tensor } from '../../src/graph/type.ts';
import { FileError } from '../../src/run/files.ts';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../src/run/safetensors.ts';
import { statisticsKey } from '../../src/run/statistics/header.ts';
import { parseStatistics } from '../../src/run/statistics/parse.ts';
import { serialiseStatistics } from '../../src/run/statistics/serialise.ts';
import { readStatistics, writeStatistics } from '../../src/run/statistics-file.ts';
import { collector } from '../../src/synthesis/metadata/collector.ts';
import type { Metadata } from '../../src/synthesis/metadata/metadata.ts';

const folder = mkdtempSync(join(tmpdir(), 'potstill-statistics-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const into = collector({
  layers: [
    { tap: 'wide', shape: [5, 2] },
    { tap: 'hidden.0', shape: [3] },
    { tap: 'logits', shape: [2] },
  ],
  pairs: true,
  classes: 2,
  covarianceUpTo: 6,
  atLeast: 4,
});
const z = new Float32Array(40 * 10);
random(1, 'numbers').fillNormal(z);
for (let row = 0; row < 40; row++) into.add([z, z.map(Math.abs), z], row, Number(row < 3));
const statistics: Metadata = {
  teacher: 'lenet',
  data: 'digits',
  classes: ['zero', 'one'],
  classesFrom: 'labels',
  atLeast: 4,
  ...into.finish(),
};

describe('a file of statistics', () => {
  it('gives back what was written', async () => {
    const path = join(folder, 'deep', 'statistics.safetensors');
    const bytes = await writeStatistics(path, statistics);
    expect(await readStatistics(path)).toEqual(statistics);
    expect(statistics.layers.map((l) => [l.all.covariance !== null, l.byClass[1]])).toEqual([
      [false, null],
      [true, null],
      [true, null],
    ]);
    expect(statistics.pairs).toHaveLength(1);
    expect(bytes).toBe(serialiseStatistics(statistics).length);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['statistics.safetensors']);
  });

  it('is not written over unless it may be', async () => {
    const path = join(folder, 'there.safetensors');
    writeFileSync(path, 'mine');
    await expect(writeStatistics(path, statistics)).rejects.toThrow(/it exists; expected a new file; .*--force/);
    await writeStatistics(path, statistics, { force: true });
    expect((await readStatistics(path)).teacher).toBe('lenet');
  });

  it('that is not there is told of', async () => {
    const path = join(folder, 'nowhere');
    await expect(readStatistics(path)).rejects.toThrow(/nowhere: no such file; expected statistics .*potstill collect/);
    expect(existsSync(path)).toBe(false);
  });
});

interface Header {
  layers: {
    tap: string;
    shape: number[];
    count: number;
    byClass: (number | null)[];
    covariance: boolean;
    nonNegative: boolean;
  }[];
  pairs: { taps: string[]; covariance: boolean }[];
  [key: string]: unknown;
}

/** The file with changes to its tensors and its header. */
function changed(change: (tensors: Record<string, Tensor>, header: Header) => void): Uint8Array {
  const bytes = serialiseStatistics(statistics);
  const tensors = readSafetensors(bytes, 'x');
  const header = JSON.parse(readSafetensorsMetadata(bytes, 'x')[statisticsKey]!) as Header;
  change(tensors, header);
  return writeSafetensors(tensors, { [statisticsKey]: JSON.stringify(header) });
}
const f32 = (...data: number[]): Tensor => ({ dtype: 'float32', shape: [data.length], data: Float32Array.from(data) });
const set = (tensors: Record<string, Tensor>, name: string, at: number, value: number): void => {
  (tensors[name]!.data as Float32Array)[at] = value;
};

describe('hostile files', () => {
  it.each<[string, (tensors: Record<string, Tensor>, header: Header) => void, RegExp]>([
    [
      'wrong shape',
      (t) => {
        t['layers.1.all.mean'] = f32(1, 2);
      },
      /layers\.1\.all\.mean: float32 \[2\]; expected float32 \[3\]/,
    ],
    [
      'wrong type',
      (t) => {
        t['layers.1.all.std'] = { dtype: 'int32', shape: [3], data: new Int32Array(3) };
      },
      /int32 \[3\]/,
    ],
    [
      'no tensor',
      (t) => {
        delete t['layers.2.class.0.covariance'];
      },
      /layers\.2\.class\.0\.covariance: no such tensor/,
    ],
    [
      'not a number',
      (t) => set(t, 'layers.0.all.mean', 4, Number.NaN),
      /layers\.0\.all\.mean: NaN at 4; expected finite numbers/,
    ],
    [
      'infinite',
      (t) => set(t, 'pairs.0.all.covariance', 1, Number.POSITIVE_INFINITY),
      /pairs\.0\.all\.covariance: Infinity at 1/,
    ],
    ['negative deviation', (t) => set(t, 'layers.0.all.std', 2, -1), /layers\.0\.all\.std: -1 at 2; expected numbers from 0 on/],
    ['negative variance', (t) => set(t, 'layers.1.all.covariance', 2, -1), /a variance of -1 at 1; expected the square/],
    ['a correlation beyond 1', (t) => set(t, 'layers.1.all.covariance', 1, 99), /99 between 1 and 0; expected at most/],
    ['a ReLU below 0', (t) => set(t, 'layers.1.all.mean', 0, -3), /layers\.1\.all\.mean: a number below 0/],
    [
      'a huge layer',
      (_, h) => {
        h.layers[1]!.shape = [2 ** 30, 2 ** 20];
      },
      /expected float32 \[1125899906842624\]/,
    ],
    [
      'an empty layer',
      (_, h) => {
        h.layers[1]!.shape = [0];
      },
      /layers\.1\.shape\.0/,
    ],
    [
      'no layers',
      (_, h) => {
        h.layers = [];
      },
      /potstill\.statistics\.layers/,
    ],
    [
      'another version',
      (_, h) => {
        h.version = 2;
      },
      /potstill\.statistics\.version/,
    ],
    [
      'a strange key',
      (_, h) => {
        h.examples = 'all of them';
      },
      /unrecognized key/,
    ],
    [
      'one example',
      (_, h) => {
        h.layers[0]!.count = 1;
      },
      /layers\.0\.count/,
    ],
    ['other classes', (_, h) => void h.layers[2]!.byClass.push(null), /layers\.2: 3 classes; expected 2 of the file/],
    [
      'other counts',
      (_, h) => {
        h.layers[2]!.count = 7;
      },
      /layers\.2: other numbers of examples/,
    ],
    [
      'a layer twice',
      (_, h) => {
        h.layers[2]!.tap = 'wide';
      },
      /layers: 'wide' twice/,
    ],
    [
      'a pair of nothing',
      (_, h) => {
        h.pairs[0]!.taps[0] = 'elsewhere';
      },
      /pairs\.0: elsewhere and logits; expected two of/,
    ],
    [
      'a pair without',
      (_, h) => {
        h.pairs[0]!.covariance = false;
      },
      /pairs\.0: no covariance/,
    ],
  ])('%s', (_, change, message) => {
    const bytes = changed(change);
    expect(() => parseStatistics(bytes, 'x')).toThrow(DataError);
    expect(() => parseStatistics(bytes, 'x')).toThrow(message);
  });

  it('that hold something else', () => {
    expect(() => parseStatistics(writeSafetensors({ a: f32(1) }), 'x')).toThrow(
      /^x: tensors of something else; expected statistics/,
    );
    expect(() => parseStatistics(writeSafetensors({}, { [statisticsKey]: '{' }), 'x')).toThrow(/text that is not JSON/);
    for (const json of ['null', '[]', '7', '{}']) {
      expect(() => parseStatistics(writeSafetensors({}, { [statisticsKey]: json }), 'x')).toThrow(DataError);
    }
  });

  it('that are cut, or have a header of anything', () => {
    const whole = serialiseStatistics(statistics);
    for (let n = 0; n < whole.length; n += 1 + (n >> 3)) expect(() => parseStatistics(whole.slice(0, n), 'x')).toThrow(FileError);
    const headed = (header: unknown): Uint8Array => {
      const text = new TextEncoder().encode(JSON.stringify(header) ?? '');
      const bytes = new Uint8Array(8 + text.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(text, 8);
      return bytes;
    };
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({ dtype: fc.constant('F32'), shape: fc.jsonValue(), data_offsets: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('a', '__metadata__'), entry, { minKeys: 1 })),
        (header) => {
          try {
            parseStatistics(headed(header), 'x');
          } catch (error) {
            expect(error instanceof FileError || error instanceof DataError).toBe(true);
            return;
          }
          expect.unreachable('nothing of this is a file of statistics');
        },
      ),
    );
  });
});
