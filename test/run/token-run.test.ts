import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { renderReport } from '../../src/report/render.ts';
import { evaluateFile } from '../../src/run/evaluate-file.ts';
import { placeForRuns } from '../support/runs.ts';
import { writeTexts } from './text-set.ts';

const { root, folder, start, engine } = placeForRuns('tokens');
const fixture = fileURLToPath(new URL('../fixtures/onnx/bert-14-filled.onnx', import.meta.url));

/** A name of one or two words in a sentence of 5 to 14 words, some of several pieces. */
function sentence(i: number): readonly (readonly [string, string])[] {
  const draws = random(i, 'sentence');
  const fill = 'the a of and with film unbelievably story scene extraordinarily light'.split(' ');
  const some = (count: number) => Array.from({ length: count }, () => [fill[draws.integer(fill.length)]!, 'O'] as const);
  const [verb, type, firsts, seconds] =
    i % 2 === 0
      ? (['met', 'PER', ['anna', 'bob', 'carl'], ['smith', 'jones']] as const)
      : (['visited', 'LOC', ['rome', 'oslo', 'lima'], ['city', 'town']] as const);
  const name = [
    [firsts[draws.integer(3)]!, `B-${type}`] as const,
    ...(i % 3 === 0 ? [[seconds[draws.integer(2)]!, `I-${type}`] as const] : []),
  ];
  return [...some(1 + draws.integer(5)), [verb, 'O'], ...name, ...some(1 + draws.integer(5)), [`x${i}`, 'O']];
}

beforeAll(() => {
  mkdirSync(root, { recursive: true });
  const all = Array.from({ length: 320 }, (_, i) => sentence(i));
  const conll = all.map((words) => words.map(([word, tag]) => `${word} NN ${tag}`).join('\n')).join('\n\n');
  writeFileSync(join(root, 'all.conll'), `-DOCSTART- -X- O\n\n${conll}\n`);
});

const bert = (layers: number, width: number) => ({ kind: 'bert', layers, width, heads: 2, dropout: 0 });
const training = { epochs: 5, batchSize: 16, buckets: 2, optimizer: { kind: 'adam', learningRate: 0.01 } };
const base = () => ({
  name: 'names',
  data: {
    kind: 'tagged-text',
    path: join(root, 'all.conll'),
    length: 24,
    tokenizer: { train: 'wordpiece', size: 200 },
  },
  teacher: { kind: 'train', model: bert(2, 32), training },
  student: { model: bert(1, 16) },
  losses: [{ kind: 'kd' }, { kind: 'labels' }, { kind: 'logit-mse', weight: 0.01 }, { kind: 'hint', weight: 0.01 }],
  training,
});

describe('a run on texts whose words have tags', () => {
  it('learns entities, compares itself with a control, and exports what tags words', async () => {
    const directory = folder();
    const record = await start(base(), { directory });
    const { results, details } = record;
    expect(results.task).toBe('token-classification');
    expect(results.headline).toEqual({ name: 'f1', higherIsBetter: true });
    expect(results.data.classes).toEqual(['B-LOC', 'B-PER', 'I-LOC', 'I-PER', 'O']);
    expect(results.teacher!.metrics.f1!.mean).toBeGreaterThan(0.9);
    expect(results.distilled.metrics.f1!.mean).toBeGreaterThan(0.8);
    expect(results.scratch!.metrics.f1!.mean).toBeGreaterThan(0.3);
    expect(results.distilled.metrics.agreement!.mean).toBeGreaterThan(0.8);
    expect(results.verdict.sentence).toContain('points of F1');
    expect(results.parity.maxAbsError).toBeLessThan(1e-4);
    expect(details.distilled.confusion.flat().reduce((a, b) => a + b, 0)).toBeGreaterThan(results.data.test);

    const config = JSON.parse(readFileSync(join(directory, 'student/config.json'), 'utf8'));
    expect(config.architectures).toEqual(['BertForTokenClassification']);
    expect(config.id2label).toEqual({ 0: 'B-LOC', 1: 'B-PER', 2: 'I-LOC', 3: 'I-PER', 4: 'O' });
    const model = join(directory, 'student/onnx/model.onnx');
    const again = await evaluateFile(model, parseRecipe(base()), { runtime: engine() });
    expect(again.metrics.f1).toBeCloseTo(results.distilled.metrics.f1!.mean, 6);
    expect(renderReport(record)).toContain("pipeline('token-classification'".replaceAll("'", '&#39;'));
    expect(again.metrics.nll).toBeCloseTo(results.distilled.metrics.nll!.mean, 4);
  });

  it('a file gets a layer of its own on its tokens', async () => {
    writeTexts(root);
    const model = { kind: 'onnx', model: fixture, head: 'new', reads: 'hidden.1' };
    const { results } = await start({
      name: 'file',
      data: { ...base().data, length: 16, tokenizer: join(root, 'tokenizer') },
      student: { model },
      training: { ...training, epochs: 1 },
      export: { int8: false },
    });
    expect(results.data.outputs).toBe(5);
    expect(results.distilled.metrics.accuracy!.mean).toBeGreaterThan(0.5);
    expect(results.parity.maxAbsError).toBeLessThan(1e-4);
  });

  it.each([
    ['a model with one answer for a text', { student: { model: { kind: 'bag' } } }, /one answer for a text/],
    ['a loss over the classes of examples', { losses: [{ kind: 'dist' }] }, /'dist' does not fit data with classes of words/],
  ])('%s is refused', async (_, change, message) => {
    await expect(start({ ...base(), ...change })).rejects.toThrow(message);
  });
});
