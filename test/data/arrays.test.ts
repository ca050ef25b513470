import { describe, expect, it } from 'vitest';
import { fromArrays, fromIterable, fromRows } from '../../src/data/readers/arrays.ts';
import { dataSchema, openData } from '../../src/data/sources.ts';
import { split, splitOptions } from '../../src/data/split.ts';
import { contents, failure } from './fixture.ts';

const bytes = Uint8Array.from({ length: 40 * 12 }, (_, i) => (i * 31) % 256);
const labels = Array.from({ length: 40 }, (_, i) => (i % 4) - 1);

describe('arrays', () => {
  it('gives pictures from bytes and from numbers alike', () => {
    const a = fromArrays({ train: { x: bytes, labels } }, { shape: [3, 2, 2] });
    const b = fromArrays({ train: { x: Float32Array.from(bytes, (v) => v / 255), labels } }, { shape: [3, 2, 2] });
    expect(contents(a.train)).toEqual(contents(b.train));
    expect(a.train.classes).toEqual(['0', '1', '2']);
  });

  it('keeps its own copy', () => {
    const x = Float32Array.from(bytes);
    const { train } = fromArrays({ train: { x } }, { shape: [12] });
    x.fill(0);
    expect(contents(train)[0]!.x[1]).toBe(31);
  });

  it('is opened from a recipe by the name it was supplied under', async () => {
    const source = fromArrays({ train: { x: bytes, labels } }, { shape: [3, 2, 2], classes: ['a', 'b', 'c'] });
    const splits = await openData(dataSchema.parse({ kind: 'arrays', validation: 0, test: 6 }), { supplied: { data: source } });
    expect(splits.test.size).toBe(6);
    expect(
      (await failure(openData(dataSchema.parse({ kind: 'arrays', name: 'x' }), { supplied: { data: source } }))).message,
    ).toMatch(/nothing was supplied under 'x'; expected one of data/);
  });

  it('gathers what a generator yields, now or later', async () => {
    async function* later() {
      for (let i = 0; i < 40; i++)
        yield { x: bytes.subarray(i * 12, i * 12 + 12), label: labels[i]! < 0 ? null : 'abc'[labels[i]!]! };
    }
    const a = await fromIterable(later(), { shape: [3, 2, 2], classes: ['a', 'b', 'c'] });
    const b = fromArrays({ train: { x: bytes, labels } }, { shape: [3, 2, 2], classes: ['a', 'b', 'c'] });
    expect(contents(a.train)).toEqual(contents(b.train));
  });

  it('standardises targets on the train split', () => {
    const x = Float32Array.from({ length: 60 }, (_, i) => i);
    const { train } = split(
      fromArrays({ train: { x, targets: Array.from(x, (v) => 5 * v + 2) } }, { shape: [1], targets: ['y'] }),
      splitOptions.parse({}),
    );
    const y = contents(train).map(({ target }) => target[0]!);
    expect(y.reduce((a, b) => a + b) / y.length).toBeCloseTo(0, 5);
    expect(y.reduce((a, b) => a + b * b, 0) / y.length).toBeCloseTo(1, 4);
  });

  it('takes pictures with values to predict', () => {
    const { train } = split(
      fromArrays({ train: { x: bytes, targets: labels } }, { shape: [3, 2, 2], targets: ['y'] }),
      splitOptions.parse({}),
    );
    expect(train.example).toEqual({ layout: 'image', shape: [3, 2, 2] });
    expect(Math.max(...contents(train).flatMap(({ x }) => x))).toBeLessThanOrEqual(1);
    expect(train.targets[0]!.std).toBeGreaterThan(0.9);
  });

  it('reads rows with the options of tables', async () => {
    const source = await fromRows(
      Array.from({ length: 30 }, (_, i) => ({ v: i, y: i % 2 ? 'odd' : 'even' })),
      { label: 'y' },
    );
    expect(source.train.classes).toEqual(['even', 'odd']);
  });

  it('says all that is wrong', async () => {
    expect(() => fromArrays({ train: { x: bytes } }, { shape: [2, 2] })).toThrow(
      /\[2,2\]; expected \[channels, height, width\] or \[length\]/,
    );
    expect(() =>
      fromArrays({ train: { x: bytes, labels: [0] }, test: { x: bytes.subarray(1), labels } }, { shape: [12] }),
    ).toThrow(/train\.labels: 1 labels; expected 40.*\ntest\.x: 479 numbers/);
    expect(() => fromArrays({ train: { x: Float32Array.of(1, Number.NaN) } }, { shape: [1] })).toThrow(
      /train\.x, example 1: NaN/,
    );
    expect(() =>
      fromArrays({ train: { x: bytes, labels: labels.map((l) => l * 2) } }, { shape: [12], classes: ['a', 'b'] }),
    ).toThrow(/example 0: -2/);
    expect(() => fromArrays({ train: { x: bytes } }, { shape: [12], targets: ['y'] })).toThrow(/0 numbers; expected 40/);
    expect(
      (await failure(fromIterable([{ x: [1, 2] }, { x: [1] }, { x: [3, 4], label: 'q' }], { shape: [2] }))).issues,
    ).toHaveLength(2);
    expect((await failure(fromIterable([], { shape: [2] }))).message).toMatch(/none; expected at least one/);
  });
});
