import { expect, it } from 'vitest';
import { tokenDataset } from '../../src/data/text/token-dataset.ts';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { byToken } from '../../src/run/by-token.ts';
import { cosinesOf, similarityCorrelation, spearman } from '../../src/run/metrics.ts';
import { tagsOf } from '../../src/run/tags.ts';
import { chunksOf, entityMetrics, isIob } from '../../src/run/tasks/entities.ts';
import { taskOf } from '../../src/run/tasks/of.ts';
import { evaluate, numbers } from '../support/ort.ts';

const matrix = (width: number, ...data: number[]) => ({ data: Float32Array.from(data), rows: data.length / width, width });

it('cosines of rows, by hand', () => {
  const found = cosinesOf(matrix(2, 3, 4, 1, 0, 0, 0), matrix(2, 4, 3, -2, 0, 1, 1));
  expect([...found]).toEqual([0.96, -1, 0]);
});

it("Spearman's correlation shares ranks among equals", () => {
  expect(spearman(Float64Array.of(1, 2, 3, 4), Float64Array.of(1, 10, 100, 1000))).toBeCloseTo(1, 12);
  expect(spearman(Float64Array.of(1, 2, 3, 4), Float64Array.of(4, 3, 2, 1))).toBeCloseTo(-1, 12);
  // Ranks 0, 1.5, 1.5, 3 and 0, 2, 1, 3: covariance 4.5 over √(4.5 · 5).
  expect(spearman(Float64Array.of(1, 2, 2, 3), Float64Array.of(1, 3, 2, 4))).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
});

it('relations do not see turns, lengths and widths of vectors', () => {
  const rows = Array.from({ length: 300 }, (_, i) => [Math.sin(i), Math.cos(1.7 * i), Math.sin(0.3 * i * i)]);
  const one = matrix(3, ...rows.flat());
  const turned = matrix(4, ...rows.flatMap(([a, b, c], i) => [(i + 1) * b!, 0, (i + 1) * c!, -(i + 1) * a!]));
  expect(similarityCorrelation(one, turned)).toBeCloseTo(1, 5);
  expect(similarityCorrelation(one, matrix(3, ...rows.flatMap(([a, b]) => [b!, a!, 0])))).toBeLessThan(0.95);
});

it('entities begin with B, by hand', () => {
  const at = (tags: string) => chunksOf(tags.split(' ')).map(({ type, from, to }) => `${type} ${from}-${to}`);
  expect(at('B-PER I-PER O B-LOC')).toEqual(['PER 0-2', 'LOC 3-4']);
  expect(at('B-PER B-PER I-PER')).toEqual(['PER 0-1', 'PER 1-3']);
  expect(at('O I-PER I-PER O')).toEqual([]);
  expect(at('B-PER I-LOC I-PER')).toEqual(['PER 0-1']);
});

it('F1 of entities, by hand', () => {
  const split = (...texts: string[]) => texts.map((text) => text.split(' '));
  const truth = split('B-PER I-PER O B-LOC', 'O B-ORG O', 'O O');
  expect(entityMetrics(truth, truth)).toEqual({ f1: 1, precision: 1, recall: 1 });
  // Found: a PER that ends too early, the LOC, an ORG of another type, and one that is not there: 1 right of 4, of 3 that are there.
  const found = split('B-PER O O B-LOC', 'O B-PER O', 'B-LOC O');
  expect(entityMetrics(found, truth)).toEqual({ f1: 2 / 7, precision: 1 / 4, recall: 1 / 3 });
  expect(entityMetrics(split('O O'), split('O O'))).toEqual({ f1: 0, precision: 0, recall: 0 });
  expect(isIob(['B-PER', 'I-PER', 'O'])).toBe(true);
  expect(isIob(['NOUN', 'VERB'])).toBe(false);
});

/** Two texts of 3 and 2 tokens; of the first the last two have a class, of the second the first. */
const tagged = () => {
  const answers = [
    [0, 2, 1],
    [2, 0, 0],
  ];
  const text = { vocabulary: 9, special: { pad: 0, unknown: 1, first: 2, separator: 3, mask: 4 }, files: {} };
  const rows = {
    ids: Int32Array.of(2, 5, 6, 7, 3),
    texts: Uint8Array.of(1, 1, 1, 1, 1),
    starts: Float64Array.of(0, 3, 5),
  };
  const rest = {
    name: 'tagged',
    classes: ['O', 'B-X'],
    targets: [],
    label: () => -1,
    target: (i: number, out: Float32Array, offset: number) => out.set(answers[i]!, offset),
    row: () => null,
  };
  return { ...tokenDataset(rows, text, 3, rest), tagged: true } as const;
};

it('words of a set are those tokens that have a class', () => {
  const { places, labels, starts } = tagsOf(tagged());
  expect([...places]).toEqual([1, 2, 0]);
  expect([...labels]).toEqual([1, 0, 1]);
  expect([...starts]).toEqual([0, 2, 3]);
  const metrics = taskOf(tagged()).metrics(matrix(2, 0, 1, 0, 1, 0, 1), tagged(), null);
  expect(metrics).toMatchObject({ accuracy: 2 / 3, f1: 0.8, precision: 2 / 3, recall: 1 });
});

it('losses see a row for each token, and none of padding counts', async () => {
  const graph = new Graph();
  const logits = graph.input('logits', { dtype: 'float32', shape: [2, 3, 2] });
  const view = graph.input('view', { dtype: 'float32', shape: [2, 2, 3] });
  const target = graph.input('target', { dtype: 'float32', shape: [2, 4] });
  const rows = byToken({ student: new Map([['logits', logits]]), teacher: new Map(), target }, view);
  const outputs = { student: rows.student.get('logits')!, answers: rows.target, counted: rows.counted! };
  const found = await evaluate(outputs, {
    logits: tensor(
      'float32',
      [2, 3, 2],
      Array.from({ length: 12 }, (_, i) => i),
    ),
    view: tensor('float32', [2, 2, 3], [2, 5, 6, 1, 1, 1, 7, 3, 0, 1, 1, 0]),
    target: tensor('float32', [2, 4], [0, 2, 1, 0, 2, 0, 0, 0]),
  });
  expect(numbers(found.student!)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  expect(numbers(found.answers!)).toEqual([0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0]);
  expect(numbers(found.counted!)).toEqual([1, 1, 1, 1, 1, 0]);
});
