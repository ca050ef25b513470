import { expect, test } from 'vitest';
import { augmentationSchema, prepareAugmentations } from '../../src/data/augmentations.ts';
import { planBatches } from '../../src/data/batches.ts';
import type { Dataset } from '../../src/data/dataset.ts';

const special = { pad: 0, unknown: 1, first: 2, separator: 3, mask: 4 };
const [vocabulary, length] = [50, 24];

/** Texts of 20 tokens between [CLS] and [SEP]; id 10 is in every place but one. */
const texts = (size: number, mask: number | null = 4): Dataset => ({
  name: 'texts',
  size,
  example: { layout: 'tokens', shape: [2, length], text: { vocabulary, special: { ...special, mask }, files: {} } },
  classes: ['a', 'b'],
  targets: [],
  read(i, out, offset, wide = length) {
    out.fill(0, offset, offset + 2 * wide);
    out.set([2, ...Array.from({ length: 20 }, (_, c) => (c === i % 20 ? 11 + (i % 20) : 10)), 3], offset);
    out.fill(1, offset + wide, offset + wide + 22);
  },
  length: () => 22,
  label: () => 0,
  target: (_, out, offset) => out.set([1, 0], offset),
  row: () => null,
});

/** Rows of every batch of an epoch, [ids, texts, places, answers] each. */
function masked(size: number, options: object, epoch = 1): number[][][] {
  const data = texts(size);
  const augment = prepareAugmentations([augmentationSchema.parse({ kind: 'mask-tokens', ...options })], data);
  const plan = planBatches(data, { batchSize: 8, augment, lengths: [length] });
  expect(plan.shapeAt(length)).toEqual([4, length]);
  return Array.from(plan.epoch(epoch), (batch) =>
    Array.from({ length: batch.size }, (_, row) =>
      [0, 1, 2, 3].map((r) => Array.from(batch.x.slice((4 * row + r) * length, (4 * row + r + 1) * length))),
    ),
  ).flat();
}
const placesOf = ([, , places]: number[][]): number[] => places!.filter((p) => p > 0).map((p) => p - 1);

test('hides the share that is asked for, says where and what it was, and leaves special tokens alone', () => {
  for (const [i, row] of masked(80, { share: 0.2, hidden: 1 }).entries()) {
    const places = placesOf(row);
    expect(places).toHaveLength(4);
    expect(new Set(places).size).toBe(4);
    const plain = new Float32Array(2 * length);
    texts(80).read(i, plain, 0);
    expect(row[3]!.slice(0, 4)).toEqual(places.map((c) => plain[c]));
    expect(row[0]).toEqual(Array.from(plain.subarray(0, length), (id, c) => (places.includes(c) ? special.mask : id)));
    expect(places.every((c) => c > 0 && c < 21)).toBe(true);
  }
});

test('hides 80 %, replaces 10 % and keeps the rest, in other places in every epoch', () => {
  const rows = masked(2000, {});
  const fates = rows.flatMap((row) => placesOf(row).map((c, k) => [row[0]![c]!, row[3]![k]!] as const));
  const part = (is: (id: number, was: number) => boolean): number => fates.filter(([a, b]) => is(a, b)).length / fates.length;
  expect(part((id) => id === special.mask)).toBeCloseTo(0.8, 1);
  expect(part((id, was) => id !== special.mask && id !== was)).toBeCloseTo(0.1, 1);
  expect(fates.every(([id]) => id === special.mask || id > 4)).toBe(true);
  expect(masked(16, {})).toEqual(masked(16, {}));
  expect(masked(16, {}, 2)).not.toEqual(masked(16, {}));
});

test('picks rare tokens more often where that is asked for', () => {
  const rare = (emphasis: number): number => {
    const answers = masked(1000, { emphasis }).flatMap((row) => row[3]!.slice(0, placesOf(row).length));
    return answers.filter((id) => id > 10).length / answers.length;
  };
  expect(rare(0)).toBeCloseTo(1 / 20, 1);
  expect(rare(0.7)).toBeGreaterThan(4 * rare(0));
});

test('says what it needs', () => {
  const options = [augmentationSchema.parse({ kind: 'mask-tokens' })];
  expect(() => prepareAugmentations(options, texts(4, null))).toThrow('a tokenizer without a mask token; expected');
});
