import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBatches } from '../../src/data/batches.ts';
import { bucketLengths, byLength, usualLength } from '../../src/data/buckets.ts';
import type { Dataset } from '../../src/data/dataset.ts';

/** Texts of these lengths; the ids of text i are all i + 1. */
const texts = (lengths: readonly number[], longest = Math.max(2, ...lengths)): Dataset => ({
  name: 'texts',
  size: lengths.length,
  example: {
    layout: 'tokens',
    shape: [2, longest],
    text: { vocabulary: 1000, special: { pad: 0, unknown: null, first: null, separator: null, mask: null }, files: {} },
  },
  classes: ['a', 'b'],
  targets: [],
  read(i, out, offset, length = longest) {
    out.fill(0, offset, offset + 2 * length);
    out.fill(i + 1, offset, offset + lengths[i]!);
    out.fill(1, offset + length, offset + length + lengths[i]!);
  },
  length: (i) => lengths[i]!,
  label: () => 0,
  target: (_, out, offset) => out.set([1, 0], offset),
  row: () => null,
});

const someLengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 80 });

/** Tokens of all batches, padding included. */
const padded = (lengths: readonly number[], chosen: readonly number[]): number =>
  lengths.reduce((sum, n) => sum + chosen.find((l) => l >= n)!, 0);

describe('bucketLengths', () => {
  it('pads least of all choices of that many multiples of 8', () => {
    const lengths = [3, 5, 7, 9, 9, 20, 31, 33, 60];
    const [a, b, c] = bucketLengths(texts(lengths), 3);
    const all = [8, 16, 24, 32, 40, 48, 56, 60];
    const least = Math.min(...all.flatMap((p) => all.map((q) => padded(lengths, [Math.min(p, q), Math.max(p, q), 60]))));
    expect(padded(lengths, [a!, b!, c!])).toBe(least);
  });

  it('is one length where one is asked for, and never more than there are', () => {
    expect(bucketLengths(texts([3, 30]), 1)).toEqual([30]);
    expect(bucketLengths(texts([3, 4]), 4)).toEqual([4]);
  });

  it('holds every text, and more lengths never pad more', () => {
    fc.assert(
      fc.property(someLengths, fc.integer({ min: 1, max: 5 }), (lengths, count) => {
        const [few, more] = [bucketLengths(texts(lengths), count), bucketLengths(texts(lengths), count + 1)];
        expect(few.length).toBeLessThanOrEqual(count);
        expect(few.at(-1)).toBeGreaterThanOrEqual(Math.max(...lengths));
        expect([...few].sort((a, b) => a - b)).toEqual(few);
        expect(padded(lengths, more)).toBeLessThanOrEqual(padded(lengths, few));
      }),
    );
  });
});

describe('batches of texts', () => {
  const planOf = (lengths: readonly number[], batchSize: number, dropLast = false) => {
    const data = texts(lengths);
    return planBatches(data, { batchSize, shuffle: true, seed: 3, dropLast, lengths: bucketLengths(data, 3) });
  };

  it('hold every text once an epoch, none cut off', () => {
    fc.assert(
      fc.property(someLengths, fc.integer({ min: 1, max: 9 }), (lengths, batchSize) => {
        const plan = planOf(lengths, batchSize);
        const seen: number[] = [];
        for (const batch of plan.epoch(1)) {
          expect(batch.length).toBe(plan.lengthAt(1, batch.step));
          for (let row = 0; row < batch.size; row++) {
            const i = batch.indices[row]!;
            const at = row * 2 * batch.length!;
            const ids = batch.x.subarray(at, at + batch.length!);
            expect(ids.filter((id) => id === i + 1).length).toBe(lengths[i]);
            seen.push(i);
          }
        }
        expect(seen.sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
      }),
      { numRuns: 30 },
    );
  });

  it('leave out by chance what would not fill a batch, not the longest', () => {
    const lengths = Array.from({ length: 50 }, (_, i) => i + 1);
    const plan = planOf(lengths, 8, true);
    expect(plan.steps).toBe(6);
    const left = Array.from({ length: 40 }, (_, epoch) => {
      const seen = new Set(Array.from(plan.epoch(epoch), (b) => Array.from(b.indices)).flat());
      return lengths.filter((_, i) => !seen.has(i));
    }).flat();
    expect(left.length).toBe(80);
    expect(Math.min(...left)).toBeLessThan(20);
    expect(Math.max(...left)).toBeGreaterThan(30);
  });

  it('put texts of like length together: little padding', () => {
    const lengths = Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 56 : 6));
    const plan = planOf(lengths, 16);
    const tokens = Array.from({ length: plan.steps }, (_, step) => 16 * plan.lengthAt(2, step)!).reduce((a, b) => a + b);
    expect(tokens).toBeLessThan(1.35 * padded(lengths, [8, 56]));
  });

  it('keep the order of the set where nothing is shuffled, each as short as it can be', () => {
    const plan = planBatches(texts([3, 9, 30, 2]), { batchSize: 2 });
    expect([plan.lengthAt(0, 0), plan.lengthAt(0, 1)]).toEqual([16, 30]);
    expect(Array.from(plan.epoch(0), (b) => [b.length, ...b.indices]).flat()).toEqual([16, 0, 1, 30, 2, 3]);
    expect(planBatches(texts([3, 9, 30, 2]), { batchSize: 2, lengths: [] }).lengthAt(0, 0)).toBe(30);
  });

  it('have a usual length, and an order by length', () => {
    expect(usualLength(texts([3, 40, 11, 12, 2]))).toBe(16);
    expect([...byLength(texts([3, 40, 11, 3]))!]).toEqual([0, 3, 2, 1]);
  });
});
