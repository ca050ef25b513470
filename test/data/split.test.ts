import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageDataset } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/error.ts';
import { plainSource } from '../../src/data/source.ts';
import { proportional, split, splitOptions } from '../../src/data/split.ts';
import { contents } from './fixture.ts';

/** Two-byte pictures with the given contents; few different contents make many copies. */
const set = (name: string, values: readonly number[], labels: readonly number[] | null = null) =>
  imageDataset({
    name,
    shape: [1, 1, 2],
    bytes: Uint8Array.from(values.flatMap((v) => [v >> 8, v & 255])),
    labels,
    classes: labels && ['a', 'b', 'c'],
  });
const key = (x: number[]) => x.join();
const options = (o: object = {}) => splitOptions.parse(o);
const distinct = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);
const cycle = (n: number) => Array.from({ length: n }, (_, i) => i % 3);

describe('split', () => {
  it('never puts copies of an example on two sides, nor loses others', () => {
    const values = (min: number) => fc.array(fc.nat(40), { minLength: min, maxLength: 120 });
    fc.assert(
      fc.property(
        values(20),
        fc.option(values(1)),
        fc.option(values(1)),
        fc.integer(),
        fc.constantFrom(undefined, 0.3, 5),
        fc.boolean(),
        (train, test, validation, splitSeed, limit, labelled) => {
          const label = (list: number[]) => (labelled ? list.map((v, i) => ((v + i) % 4) - 1) : null);
          const source = plainSource(
            set('train', train, label(train)),
            test && set('test', test, label(test)),
            validation && set('validation', validation, label(validation)),
          );
          let parts: ReturnType<typeof split>;
          try {
            parts = split(source, options({ splitSeed, limit, validation: 0.2 }));
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
            return;
          }
          const sides = [parts.train, parts.validation, parts.test].map((d) => new Set(contents(d).map(({ x }) => key(x))));
          for (const [a, b] of [
            [0, 1],
            [0, 2],
            [1, 2],
          ] as const)
            for (const k of sides[a]!) expect(sides[b]!.has(k)).toBe(false);
          if (limit === undefined && !test && !validation)
            expect(parts.train.size + parts.validation.size + parts.test.size).toBe(train.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('divides every class in proportion', () => {
    const labels = distinct(600).map((i) => (i < 300 ? 0 : i < 500 ? 1 : 2));
    const { train, validation, test } = split(
      plainSource(set('s', distinct(600), labels)),
      options({ test: 0.2, validation: 60 }),
    );
    const count = (d: typeof train) => [0, 1, 2].map((c) => contents(d).filter(({ label }) => label === c).length);
    expect(count(test)).toEqual([60, 40, 20]);
    expect(count(validation)).toEqual([30, 20, 10]);
    expect(count(train)).toEqual([210, 140, 70]);
  });

  it('depends on the split seed alone', () => {
    const source = plainSource(set('s', distinct(200), cycle(200)));
    const first = split(source, options());
    expect(contents(split(source, options()).validation)).toEqual(contents(first.validation));
    expect(contents(split(source, options({ splitSeed: 1 })).validation)).not.toEqual(contents(first.validation));
  });

  it('keeps test and validation whatever the limit, and nests limits', () => {
    const source = plainSource(set('s', distinct(300), cycle(300)));
    const at = (limit?: number) => split(source, options({ limit }));
    expect(contents(at(30).test)).toEqual(contents(at().test));
    expect(contents(at(30).validation)).toEqual(contents(at().validation));
    const small = contents(at(30).train).map(({ x }) => key(x));
    const large = new Set(contents(at(90).train).map(({ x }) => key(x)));
    expect(small).toHaveLength(30);
    expect(small.every((k) => large.has(k))).toBe(true);
  });

  it('leaves out of train what is also in the test part of the source, and says so', () => {
    const { train, test, notes } = split(
      plainSource(set('train', distinct(100), cycle(100)), set('test', distinct(10, 95), cycle(10))),
      options({ validation: 0 }),
    );
    expect(test.size).toBe(10);
    expect(train.size).toBe(95);
    expect(notes).toEqual(['5 train examples that are also in test or validation were left out.']);
  });

  it('holds out labelled examples only, where there are some', () => {
    const labels = distinct(100).map((i) => (i < 40 ? i % 3 : -1));
    const { train, validation, test } = split(
      plainSource(set('s', distinct(100), labels)),
      options({ test: 0.25, validation: 0.25 }),
    );
    expect([...contents(test), ...contents(validation)].every(({ label }) => label >= 0)).toBe(true);
    expect([test.size, validation.size, train.size]).toEqual([10, 10, 80]);
    expect(contents(train).find(({ label }) => label < 0)?.target).toEqual([0, 0, 0]);
  });

  it('takes part of the test set of the source when told a size', () => {
    const source = plainSource(set('train', distinct(50), cycle(50)), set('test', distinct(30, 1000), cycle(30)));
    expect(split(source, options({ test: 9 })).test.size).toBe(9);
  });

  it.each([
    [{ test: 100 }, /data, train split: no examples are left/],
    [{ test: 101 }, /data\.test: 101, which is 101 examples; expected fewer than the 100/],
    [{ test: 50, validation: 50 }, /train split: no examples/],
    [{ limit: 1000 }, /data\.limit/],
  ])('refuses %j', (o, message) => {
    expect(() => split(plainSource(set('s', distinct(100))), options(o))).toThrow(message);
  });

  it('refuses sizes that are none', () => {
    for (const bad of [{ test: 0 }, { test: -1 }, { validation: 1.5 }, { limit: 0 }, { seed: 1 }])
      expect(splitOptions.safeParse(bad).success).toBe(false);
  });
});

describe('proportional', () => {
  it('adds up, and is within one of exact', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (sizes, share) => {
          const total = sizes.reduce((a, b) => a + b, 0);
          const size = Math.floor(share * total);
          const quotas = proportional(size, sizes);
          expect(quotas.reduce((a, b) => a + b, 0)).toBe(size);
          quotas.forEach((q, i) => {
            expect(Math.abs(q - (size * sizes[i]!) / total)).toBeLessThan(1);
            expect(q).toBeLessThanOrEqual(sizes[i]!);
          });
        },
      ),
    );
  });
});
