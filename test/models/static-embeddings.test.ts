import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { bag } from '../../src/models/architectures/bag.ts';
import { buildModel } from '../../src/models/build.ts';
import { symmetricEigen } from '../../src/models/static-embeddings/eigen.ts';
import {
  staticEmbeddings,
  type WordWeighting,
  wordsAsTexts,
  wordWeightings,
} from '../../src/models/static-embeddings/static-embeddings.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { expectClose, texts } from './texts.ts';

const golden = JSON.parse(readFileSync(new URL('../fixtures/golden/static-embeddings.json', import.meta.url), 'utf8')) as {
  vectors: number[][];
  counts: number[];
  cases: { size: number; weighting: WordWeighting; counted: boolean; table: number[] }[];
};
const vectors = tensor('float32', [golden.vectors.length, golden.vectors[0]!.length], golden.vectors.flat());

describe('eigenvectors', () => {
  const product = (a: Float64Array, b: Float64Array): number => a.reduce((s, x, i) => s + x * b[i]!, 0);
  const check = (matrix: Float64Array, n: number) => {
    const { values, vectors: found } = symmetricEigen(matrix, n);
    found.forEach((v, i) => {
      const alike = found.map((w, j) => Math.abs(product(v, w) - Number(i === j)));
      expect(Math.max(...alike)).toBeLessThan(1e-12);
      const mapped = v.map((_, r) => product(matrix.slice(r * n, (r + 1) * n), v));
      expect(Math.max(...mapped.map((m, r) => Math.abs(m - values[i]! * v[r]!)))).toBeLessThan(1e-11 * Math.max(1, ...values));
    });
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  };
  test.each([1, 2, 3, 8, 41])('of a random symmetric matrix of size %i', (n) => {
    const draws = random(n, 'matrix');
    const half = Float64Array.from({ length: n * n }, () => draws.normal());
    check(half.map((x, i) => x + half[(i % n) * n + Math.floor(i / n)]!), n); // biome-ignore format: one call
  });

  test('where values repeat, or nothing is there', () => {
    check(Float64Array.from({ length: 25 }, (_, i) => Number(i % 6 === 0)), 5); // biome-ignore format: one call
    check(new Float64Array(16), 4);
    check(new Float64Array(36).fill(1), 6);
  });
});

test.each(golden.cases)('$size numbers, weighted by $weighting, counted $counted: as NumPy', (c) => {
  const { size, weighting } = c;
  const table = staticEmbeddings(vectors, { size, weighting, ...(c.counted && { counts: golden.counts }) });
  expect(table.shape).toEqual([golden.vectors.length, size]);
  expectClose(numbers(table), c.table, 'table', 1e-5);
});

test('every weighting has a case', () => {
  expect(new Set(golden.cases.map((c) => c.weighting))).toEqual(new Set(wordWeightings));
});

test('a bag with such a table is a student: distances of words stay, and the mean has length 1', async () => {
  const width = golden.vectors[0]!.length;
  const table = staticEmbeddings(vectors, { size: width, weighting: 'none' });
  const shape = { input: [2, 9], outputs: width, vocabulary: golden.vectors.length };
  const student = bag.create(bag.options.parse({ kind: 'bag', width, head: 'embedding' }), shape);
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['N', 2, 'L'] });
  const { logits } = buildModel(student, graph, x, { training: false, source: new Map([['word.weight', table]]) });
  const batch = texts([9, 3], 9, golden.vectors.length);
  const found = numbers((await evaluate({ logits }, { x: batch })).logits!);
  const ids = numbers(batch).slice(18, 21);
  const mean = Array.from({ length: width }, (_, k) => ids.reduce((s, id) => s + numbers(table)[id * width + k]!, 0) / 3);
  expectClose(found.slice(width), mean.map((v) => v / Math.hypot(...mean)), 'embedding', 1e-5); // biome-ignore format: one call

  const apart = (rows: number[][]) => Math.hypot(...rows[0]!.map((v, i) => v - rows[1]![i]!));
  const rows = (of: number[]) => [3, 30].map((r) => of.slice(r * width, (r + 1) * width));
  expect(apart(rows(numbers(table)))).toBeCloseTo(apart(rows(golden.vectors.flat())), 4);
});

test('words stand between the marks of a text', () => {
  const { shape, data } = wordsAsTexts(3, [7], [8, 9]);
  expect(shape).toEqual([3, 2, 4]);
  expect([...data].slice(8, 16)).toEqual([7, 1, 8, 9, 1, 1, 1, 1]);
});

test('what cannot be is said', () => {
  expect(() => staticEmbeddings(vectors, { size: 8 })).toThrow('8 numbers per word were asked for; 40 words with 7 numbers each');
  const silent = tensor('float32', [4, 2], [1, 2, 3, 4, 5, Number.NaN, 7, 8]);
  expect(() => staticEmbeddings(silent, { size: 2 })).toThrow('the teacher gives NaN for word 2');
  expect(() => staticEmbeddings(vectors, { size: 2, counts: [1] })).toThrow('1 counts for 40 words');
});
