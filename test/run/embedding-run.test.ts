import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { fromArrays } from '../../src/data/readers/arrays.ts';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { encode } from '../../src/onnx/encode.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { flatten } from '../../src/ops/shape.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { renderReport } from '../../src/report/render.ts';
import { evaluateFile } from '../../src/run/evaluate-file.ts';
import { placeForRuns } from '../support/runs.ts';
import { writeTexts } from './text-set.ts';

const { root, folder, start, engine } = placeForRuns('embedding');
const fixture = fileURLToPath(new URL('../fixtures/onnx/bert-14-filled.onnx', import.meta.url));

beforeAll(() => {
  mkdirSync(join(root, 'data'), { recursive: true });
  writeTexts(root);
  const lines = readFileSync(join(root, 'texts.tsv'), 'utf8').split('\n').slice(1);
  writeFileSync(join(root, 'texts.txt'), lines.map((line) => line.split('\t')[0]).join('\n'));
});

const data = () => ({ kind: 'text', path: join(root, 'texts.txt'), length: 16, tokenizer: join(root, 'tokenizer') });
const bert = (layers: number, width: number) => ({ kind: 'bert', layers, width, heads: 2, dropout: 0, pooling: 'mean' });
const optimizer = { kind: 'adam', learningRate: 0.01 };
const guesses = { losses: [{ kind: 'masked-language' }], epochs: 1, augment: [{ kind: 'mask-tokens' }] };
const base = () => ({
  name: 'embedding',
  data: data(),
  teacher: { kind: 'train', model: bert(2, 32), training: { batchSize: 32, optimizer }, stages: [guesses] },
  student: { model: bert(1, 16) },
  training: { epochs: 3, batchSize: 32, buckets: 2, optimizer },
});

describe('a run on texts without labels', () => {
  it('imitates the embedding of a teacher that it trains on hidden words, and says how well', async () => {
    const directory = folder();
    const record = await start(base(), { directory });
    const { results, details } = record;
    expect(results.task).toBe('embedding');
    expect(results.headline).toEqual({ name: 'cosine', higherIsBetter: true });
    expect(results.scratch).toBeNull();
    expect(results.gapRecovered).toBeNull();
    expect(results.teacher!.metrics.cosine!.mean).toBeCloseTo(1, 6);
    const { cosine, spearman } = results.distilled.metrics;
    expect(cosine!.mean).toBeGreaterThan(0.8);
    expect(spearman!.mean).toBeGreaterThan(0.2);
    expect(results.verdict.sentence).toContain(`cosine to the teacher's embedding ${cosine!.mean.toFixed(4)}`);
    expect(results.parity.maxAbsError).toBeLessThan(1e-5);
    expect(results.deployed![0]!.metrics.cosine).toBeGreaterThan(cosine!.mean - 0.01);
    expect(details.notes.join()).toContain('no scratch control');
    expect(details.examples[0]!.distilled.label).toMatch(/^cosine /);

    const config = JSON.parse(readFileSync(join(directory, 'student/config.json'), 'utf8'));
    expect(config.architectures).toEqual(['BertModel']);
    expect(readFileSync(join(directory, 'student/README.md'), 'utf8')).toContain("pipeline('feature-extraction'");
    const model = join(directory, 'student/onnx/model.onnx');
    const again = await evaluateFile(model, parseRecipe(base()), { runtime: engine(), run: directory });
    expect(again.metrics.cosine).toBeCloseTo(cosine!.mean, 6);

    const page = renderReport(record);
    expect(page).toContain('there is no control without it');
    expect(page).toContain('Rank correlation');
    expect(page).not.toContain('Accuracy');

    // What one run leaves is the teacher of the next, here with a student of other width.
    const next = await start({
      ...base(),
      teacher: { kind: 'onnx', model },
      student: { model: { kind: 'bag', width: 24, head: 'embedding' }, embedding: 'own' },
      losses: [{ kind: 'rkd-distance' }, { kind: 'pkt' }, { kind: 'sp' }],
      export: { int8: false },
    });
    expect(next.results.headline.name).toBe('spearman');
    expect(Object.keys(next.results.distilled.metrics)).toEqual(['spearman']);
    expect(next.results.distilled.metrics.spearman!.mean).toBeGreaterThan(0.3);
  });

  it.each([
    ['the mean of its tokens', {}],
    ['its first token', { pooling: 'first' }],
  ])('the vector of an encoder is %s', async (_, own) => {
    const hidden = '/encoder/layer.1/norm2/Add_1_output_0';
    const { results } = await start({
      ...base(),
      teacher: { kind: 'onnx', model: fixture, logits: hidden, ...own },
      student: { model: { kind: 'bag', width: 8 }, initialise: { from: 'vocabulary' }, embedding: 8 },
      losses: [{ kind: 'rkd-angle' }],
      export: { int8: false },
    });
    expect(results.teacher!.metrics.spearman!.mean).toBeCloseTo(1, 6);
    expect(results.headline.name).toBe('spearman');
  });
});

/** A teacher as a file: a matrix of random numbers. */
function matrixFile(name: string, example: readonly number[], width: number): string {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['N', ...example] });
  const draws = random(3, 'matrix');
  const size = example.reduce((a, b) => a * b, 1);
  const weights = Array.from({ length: size * width }, () => draws.normal());
  graph.output('vector', matmul(flatten(x, 1), graph.constant(tensor('float32', [size, width], weights))));
  const path = join(root, name);
  writeFileSync(path, encode(graph));
  return path;
}

it.each([
  ['rows', [6], { kind: 'mlp', hidden: [16] }],
  ['pictures', [1, 8, 8], { kind: 'cnn', channels: [8, 8] }],
])('%s without labels', async (name, shape, model) => {
  const draws = random(2, 'examples');
  const size = 200 * shape.reduce((a, b) => a * b, 1);
  const pictures = shape.length === 3;
  const x = pictures
    ? Uint8Array.from({ length: size }, () => draws.integer(256))
    : Float32Array.from({ length: size }, () => draws.normal());
  const source = fromArrays({ train: { x } }, { shape });
  const directory = folder();
  const { results } = await start(
    {
      name,
      data: { kind: 'arrays' },
      teacher: { kind: 'onnx', model: matrixFile(`${name}.onnx`, shape, 5) },
      student: { model },
      training: { epochs: 8, batchSize: 16, optimizer },
      export: { int8: false },
    },
    { directory, supplied: { data: source } },
  );
  expect(results.headline.name).toBe('cosine');
  expect(results.distilled.metrics.cosine!.mean).toBeGreaterThan(0.5);
  expect(existsSync(join(directory, 'student/config.json'))).toBe(true);
});

it.each([
  ['no teacher', { teacher: undefined }, /neither classes nor values.*a teacher whose embedding/s],
  ['a teacher that has nothing to learn', { teacher: { ...base().teacher, stages: [] } }, /give it stages/],
  ['several teachers', { teacher: { kind: 'ensemble', members: [base().teacher, base().teacher] } }, /expected one teacher/],
  ['labels to learn', { losses: [{ kind: 'labels' }] }, /'labels' does not fit data with neither classes nor values/],
])('%s is refused', async (_, change, message) => {
  await expect(start({ ...base(), ...change })).rejects.toThrow(message);
});
