import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saidOf } from '../../src/synthesis/measures/classes.ts';
import { meanConfidence, shareSure } from '../../src/synthesis/measures/confidence.ts';
import { classBalance, coverage } from '../../src/synthesis/measures/coverage.ts';
import { measured } from '../../src/synthesis/measures/measured.ts';
import { nearDuplicates } from '../../src/synthesis/measures/near-duplicates.ts';
import type { Rows } from '../../src/synthesis/measures/rows.ts';
import { vendiScore } from '../../src/synthesis/measures/vendi.ts';
import { distanceWithinClasses } from '../../src/synthesis/measures/within-classes.ts';

interface Case {
  readonly note: string;
  readonly n: number;
  readonly width: number;
  readonly classes: number;
  readonly examples: number[];
  readonly logits: number[];
  readonly measures: Readonly<Record<string, number>>;
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/golden/measures.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const rowsOf = (list: readonly (readonly number[])[]): Rows => ({
  data: Float32Array.from(list.flat()),
  rows: list.length,
  width: list[0]?.length ?? 0,
});
const repeated = (count: number, row: readonly number[]): Rows => rowsOf(Array.from({ length: count }, () => row));
const oneHot = (k: number, width: number, size = 1): number[] => Array.from({ length: width }, (_, j) => (j === k ? size : 0));
const identity = (n: number): Rows => rowsOf(Array.from({ length: n }, (_, i) => oneHot(i, n)));
/** A teacher that says what it is told. */
const saying = (tops: readonly number[], classes: number, size = 20) => saidOf(rowsOf(tops.map((k) => oneHot(k, classes, size))));

describe('measures against NumPy', () => {
  it.each(cases)('$note', ({ n, width, classes, examples, logits, measures }) => {
    const found = measured({
      examples: { data: Float32Array.from(examples), rows: n, width },
      logits: { data: Float32Array.from(logits), rows: n, width: classes },
    });
    expect(found.map(({ name }) => name)).toEqual(Object.keys(measures));
    for (const { name, value } of found) expect(value, name).toBeCloseTo(measures[name]!, 9);
  });
});

describe('coverage and balance', () => {
  it('are 1 where all classes are named alike', () => {
    const said = saying([0, 1, 2, 3, 0, 1, 2, 3], 4);
    expect([coverage(said), classBalance(said)]).toEqual([1, expect.closeTo(1, 12)]);
  });
  it('are 1/classes and 0 where one is all that is named', () => {
    const said = saying([2, 2, 2], 5);
    expect([coverage(said), classBalance(said)]).toEqual([0.2, 0]);
  });
  it('say nothing of balance where there is nothing to balance', () => {
    expect(classBalance(saying([0, 0], 1))).toBeNull();
    expect(classBalance(saying([], 3))).toBeNull();
  });
});

describe('confidence', () => {
  it('is 1/classes for a teacher that cannot tell, and 1 for one that is certain', () => {
    const unsure = saidOf(repeated(3, [1, 1, 1, 1]));
    expect([meanConfidence(unsure), shareSure(unsure)]).toEqual([0.25, 0]);
    const sure = saying([0, 3], 4, 1000);
    expect([meanConfidence(sure), shareSure(sure)]).toEqual([1, 1]);
  });
});

describe('distance within classes', () => {
  it('is 0 for one direction of any length, 1 for orthogonal examples', () => {
    const rows = rowsOf([
      [1, 2],
      [3, 6],
      [0.5, 1],
    ]);
    expect(distanceWithinClasses(rows, saying([1, 1, 1], 2))).toBeCloseTo(0, 12);
    expect(distanceWithinClasses(identity(4), saying([0, 0, 1, 1], 2))).toBeCloseTo(1, 12);
  });
  it('has no use for classes with a single example', () => {
    const rows = rowsOf([
      [1, 0],
      [0, 1],
      [-1, 0],
    ]);
    expect(distanceWithinClasses(rows, saying([0, 1, 0], 3))).toBeCloseTo(2, 12);
    expect(distanceWithinClasses(rows, saying([0, 1, 2], 3))).toBeNull();
  });
});

describe('Vendi score', () => {
  it.each([1, 2, 7])('of %i equal examples is 1, of orthogonal ones their number', (n) => {
    expect(vendiScore(repeated(n, [0.3, -2, 5]))).toBeCloseTo(1, 9);
    expect(vendiScore(identity(n))).toBeCloseTo(n, 9);
  });
  it('counts groups of copies as one each', () => {
    const groups = rowsOf([0, 0, 0, 1, 1, 1, 2, 2, 2].map((k) => oneHot(k, 3)));
    expect(vendiScore(groups)).toBeCloseTo(3, 9);
  });
  it('takes examples of zeros for copies of one another', () => {
    expect(
      vendiScore(
        rowsOf([
          [0, 0],
          [0, 0],
          [1, 0],
          [2, 0],
        ]),
      ),
    ).toBeCloseTo(2, 9);
    expect(vendiScore(rowsOf([]))).toBeNull();
  });
  it('is between 1 and the number of examples, whatever their order and length', () => {
    const row = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (list) => {
        const score = vendiScore(rowsOf(list))!;
        expect(score).toBeGreaterThan(1 - 1e-9);
        expect(score).toBeLessThan(list.length + 1e-9);
        const other = [...list].reverse().map((r) => r.map((v) => 4 * v));
        expect(vendiScore(rowsOf(other))).toBeCloseTo(score, 8);
      }),
      { numRuns: 30 },
    );
  });
  it('takes a part of many examples', () => {
    const many = rowsOf(Array.from({ length: 1200 }, (_, i) => oneHot(i % 3, 3)));
    expect(vendiScore(many)).toBeCloseTo(3, 1);
  });
});

describe('near-duplicates', () => {
  it('are all of equal examples, and none of orthogonal ones', () => {
    expect(nearDuplicates(repeated(4, [1, 2]))).toBe(1);
    expect(nearDuplicates(identity(5))).toBe(0);
    expect(nearDuplicates(identity(1))).toBeNull();
  });
  it('count both of a pair, on any scale', () => {
    const list = [
      [0, 0],
      [0.01, 0],
      [5, 0],
      [0, 5],
    ];
    expect(nearDuplicates(rowsOf(list))).toBe(0.5);
    expect(nearDuplicates(rowsOf(list.map((r) => r.map((v) => 1024 * v))))).toBe(0.5);
  });
});

describe('measures of a set', () => {
  it('leave out what only classes tell', () => {
    const found = measured({ examples: identity(3), logits: null });
    expect(found.map(({ name, unit }) => [name, unit])).toEqual([
      ['Vendi score', 'number'],
      ['near-duplicates', 'percent'],
    ]);
  });
  it('take diversity from embeddings where there are any', () => {
    const score = (embeddings: Rows | null) =>
      measured({ examples: identity(3), logits: null, embeddings }).find(({ name }) => name === 'Vendi score')!.value;
    expect(score(null)).toBeCloseTo(3, 9);
    expect(score(repeated(3, [1]))).toBeCloseTo(1, 9);
  });
});
