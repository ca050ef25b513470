import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/run/files.ts';
import { readSafetensors, writeSafetensors } from '../../src/run/safetensors.ts';

const weights = {
  w: { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, -0, 1e-30) },
  step: { dtype: 'int64', shape: [], data: BigInt64Array.of(-7n) },
  mask: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
} as const;

describe('safetensors', () => {
  it('gives back what was written', () => {
    expect(readSafetensors(writeSafetensors(weights, { format: 'test' }), 'x')).toEqual(weights);
  });
  it('reads from a Buffer too, as files come, and copies out of it', () => {
    const file = Buffer.from(writeSafetensors(weights));
    const read = readSafetensors(file, 'x');
    file.fill(0);
    expect(read).toEqual(weights);
  });
  it('is the same bytes for the same tensors in any order', () => {
    const { w, ...rest } = weights;
    expect(writeSafetensors({ ...rest, w })).toEqual(writeSafetensors(weights));
  });
  it('starts the data at a multiple of 8, as the format asks', () => {
    const bytes = writeSafetensors(weights);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });
  it('refuses every cut and every other file with a FileError', () => {
    const whole = writeSafetensors(weights);
    for (let n = 0; n < whole.length; n++) expect(() => readSafetensors(whole.slice(0, n), 'x')).toThrow(FileError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => readSafetensors(bytes, 'x')).toThrow(FileError);
      }),
    );
  });
});
