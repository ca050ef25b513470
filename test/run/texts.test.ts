import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { MismatchError } from '../../src/run/error.ts';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { placeForRuns } from '../support/runs.ts';

const { root, folder, start, interrupted } = placeForRuns('texts');

/** Texts of 2 to 24 words, of which one decides the class. */
beforeAll(() => {
  mkdirSync(join(root, 'data'), { recursive: true });
  const fill = 'the a of and with film story actor scene light sound camera plot end hour night'.split(' ');
  const draws = random(1, 'texts');
  const line = (i: number): string => {
    const words = Array.from({ length: 2 + draws.integer(22) }, () => fill[draws.integer(fill.length)]!);
    words[draws.integer(words.length)] = i % 2 === 0 ? 'good' : 'bad';
    return `${words.join(' ')} ${i}\t${i % 2 === 0 ? 'yes' : 'no'}`;
  };
  writeFileSync(join(root, 'data/all.tsv'), ['text\tlabel', ...Array.from({ length: 400 }, (_, i) => line(i))].join('\n'));
});

const data = () => ({
  kind: 'text',
  path: join(root, 'data/all.tsv'),
  label: 'label',
  length: 32,
  tokenizer: { train: 'wordpiece', size: 120 },
});
const training = { epochs: 2, batchSize: 32, buckets: 3, optimizer: { kind: 'adam', learningRate: 0.005 } };
/** So small a step that what came before it can be seen. */
const still = { epochs: 1, batchSize: 32, optimizer: { kind: 'sgd', learningRate: 1e-9 } };
const bert = (layers: number, width = 16) => ({ kind: 'bert', layers, width, heads: 2, dropout: 0 });
const masks = [{ kind: 'mask-tokens', emphasis: 0.7 }];
const base = () => ({
  name: 'texts',
  data: data(),
  teacher: { kind: 'train', model: bert(2), training },
  student: { model: bert(1) },
  losses: [{ kind: 'kd' }, { kind: 'labels' }],
  controls: { scratch: false },
  training,
});

const weightsOf = (directory: string, job: string) => {
  const path = join(directory, 'checkpoints', job, 'done/weights.safetensors');
  return readSafetensors(readFileSync(path), path);
};
const bytesOf = (directory: string, job = 'distilled-1'): string =>
  readFileSync(join(directory, 'checkpoints', job, 'done/weights.safetensors')).toString('base64');
const studentFile = (directory: string, path: string): string => join(directory, 'student', path);

describe('a run on texts', () => {
  it.each([
    ['tokens of the teacher, asked in every step', { losses: [{ kind: 'attention' }, { kind: 'hint' }, { kind: 'labels' }] }],
    [
      'the recipe of DistilBERT',
      {
        teacher: {
          ...base().teacher,
          stages: [{ losses: [{ kind: 'masked-language' }], epochs: 1, augment: masks }],
        },
        student: { model: bert(1), initialise: { from: 'teacher' } },
        stages: [
          {
            losses: [
              { kind: 'masked-kd', weight: 5 },
              { kind: 'masked-language', weight: 2 },
              { kind: 'cosine', student: 'hidden.0', teacher: 'hidden.1' },
            ],
            epochs: 1,
            augment: masks,
          },
        ],
      },
    ],
  ])('%s: stopped again and again leaves the same bytes', async (_, change) => {
    const [whole, parts] = [folder(), folder()];
    await start({ ...base(), ...change }, { directory: whole });
    expect(await interrupted({ ...base(), ...change }, parts, 4)).toBeGreaterThan(2);
    expect(bytesOf(parts)).toBe(bytesOf(whole));
    expect(readFileSync(studentFile(parts, 'onnx/model.onnx')).equals(readFileSync(studentFile(whole, 'onnx/model.onnx')))).toBe(
      true,
    );
  });

  it('learns, and leaves what transformers.js loads, also in 8 bits', async () => {
    const directory = folder();
    const wide = { ...bert(1, 64), dropout: 0 };
    const long = { ...training, epochs: 8 };
    const { results } = await start({ ...base(), teacher: undefined, student: { model: wide }, losses: [{ kind: 'labels' }], training: long }, { directory }); // biome-ignore format: one call
    expect(results.distilled.metrics.accuracy!.mean).toBeGreaterThan(0.9);
    expect(results.parity.maxAbsError).toBeLessThan(1e-5);
    const [int8] = results.deployed!;
    expect(int8).toMatchObject({ name: 'int8', dtype: 'q8', path: 'onnx/model_quantized.onnx' });
    expect(Math.abs(int8!.change)).toBeLessThan(0.05);
    expect(int8!.bytes).toBeLessThan(0.6 * results.distilled.cost.bytes);
    const config = JSON.parse(readFileSync(studentFile(directory, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ model_type: 'bert', id2label: { 0: 'no', 1: 'yes' }, vocab_size: expect.any(Number) });
    expect(config).not.toHaveProperty('transformers.js_config');
    for (const file of ['tokenizer.json', 'tokenizer_config.json', int8!.path])
      expect(existsSync(studentFile(directory, file))).toBe(true);
  });

  it('writes only what it was asked for', async () => {
    const directory = folder();
    const { results } = await start({ ...base(), teacher: undefined, student: { model: bert(1) }, losses: [{ kind: 'labels' }], training: still, export: { int8: false, fp16: true } }, { directory }); // biome-ignore format: one call
    expect(results.deployed!.map((d) => d.name)).toEqual(['fp16']);
    expect(existsSync(studentFile(directory, 'onnx/model_fp16.onnx'))).toBe(true);
    expect(existsSync(studentFile(directory, 'onnx/model_quantized.onnx'))).toBe(false);
  });
});

describe('where a student starts', () => {
  it('takes the layers of the teacher that it is told', async () => {
    const directory = folder();
    const teacher = { ...base().teacher, model: bert(3) };
    await start({ ...base(), teacher, student: { model: bert(2), initialise: { from: 'teacher', layers: [2, 0] } }, training: still }, { directory }); // biome-ignore format: one call
    const [theirs, ours] = [weightsOf(directory, 'teacher-1'), weightsOf(directory, 'distilled-1')];
    const gap = (our: string, their: string): number =>
      Math.max(...Array.from(ours[our]!.data as Float32Array, (v, i) => Math.abs(v - Number(theirs[their]!.data[i]))));
    expect(gap('layers.0.attention.query.weight', 'layers.2.attention.query.weight')).toBeLessThan(1e-6);
    expect(gap('layers.1.feedforward.inner.weight', 'layers.0.feedforward.inner.weight')).toBeLessThan(1e-6);
    expect(gap('embeddings.word.weight', 'embeddings.word.weight')).toBeLessThan(1e-6);
    expect(gap('layers.0.attention.query.weight', 'layers.0.attention.query.weight')).toBeGreaterThan(1e-3);
  });

  it('keeps the units of a wider teacher that matter most on examples', async () => {
    const directory = folder();
    const teacher = { ...base().teacher, model: { ...bert(1), inner: 32 } };
    const student = { model: { ...bert(1), inner: 8 }, initialise: { from: 'teacher', examples: 40 } };
    await start({ ...base(), teacher, student, training: still }, { directory });
    const [theirs, ours] = [weightsOf(directory, 'teacher-1'), weightsOf(directory, 'distilled-1')];
    const bias = 'layers.0.feedforward.inner.bias';
    const all = Array.from(theirs[bias]!.data as Float32Array);
    const kept = Array.from(ours[bias]!.data as Float32Array);
    expect(kept).toHaveLength(8);
    for (const v of kept) expect(Math.min(...all.map((w) => Math.abs(w - v)))).toBeLessThan(1e-6);
  });

  it('takes word vectors from what the teacher says of each word, the same for every seed', async () => {
    const vectors = async (initialise: object | undefined): Promise<string[]> => {
      const directory = folder();
      const student = { model: { kind: 'bag', width: 8 }, ...(initialise && { initialise }) };
      await start({ ...base(), student, training: still, seeds: [1, 2] }, { directory });
      return [1, 2].map((seed) => {
        const { data: numbers } = weightsOf(directory, `distilled-${seed}`)['word.weight']!;
        return Array.from(numbers as Float32Array, (v) => v.toFixed(4)).join(' ');
      });
    };
    const [one, two] = await vectors({ from: 'vocabulary' });
    expect(one).toBe(two);
    const [chance, another] = await vectors(undefined);
    expect(chance).not.toBe(another);
  });

  it('says what it needs', async () => {
    const wrong = (student: object, change: object = {}) => start({ ...base(), student, ...change, training: still });
    await expect(wrong({ model: { kind: 'bag' }, initialise: { from: 'teacher' } })).rejects.toThrow(MismatchError);
    await expect(wrong({ model: bert(1), initialise: { from: 'vocabulary' } })).rejects.toThrow(
      'a student that reads the mean of word vectors (bag)',
    );
    const alone = { teacher: undefined, losses: [{ kind: 'labels' }] };
    await expect(wrong({ model: bert(1), initialise: { from: 'teacher' } }, alone)).rejects.toThrow('found no teacher');
    await expect(wrong({ model: bert(1) }, { losses: [{ kind: 'masked-language' }] })).rejects.toThrow(
      "taps 'masked' of the student",
    );
  });
});
