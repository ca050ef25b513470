import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { type Built, buildModel, initialise } from '../../src/models/build.ts';
import { type ImportedStudent, importStudent, type StudentOptions } from '../../src/models/imported-student.ts';
import { reshape } from '../../src/ops/shape.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { apart } from '../support/golden.ts';
import { lstmFile } from '../support/lstm.ts';
import { evaluate, numbers, openBytes } from '../support/ort.ts';
import { meanLoss, trainBySgd } from '../support/sgd.ts';

interface Case {
  readonly file: string;
  readonly inputs: { readonly input_ids: number[][]; readonly attention_mask: number[][]; readonly token_type_ids?: number[][] };
  readonly target: number[] | number[][];
  readonly rate: number;
  readonly logits: number[];
  readonly gradients: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly losses: number[];
}
const fixture = (path: string): URL => new URL(`../fixtures/${path}`, import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture('golden/transformers.json'), 'utf8')) as { cases: Case[] };

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const student = (file: string, options: Omit<StudentOptions, 'shape'> & { readonly outputs?: number } = {}) =>
  importStudent({ source: file, bytes: readFileSync(fixture(`onnx/${file}`)) }, engine, {
    ...options,
    shape: { input: [2, 12], outputs: options.outputs ?? 3, vocabulary: 50 },
  });

/** The batch of a case as data gives it: [N, 2, L]. */
function batchOf({ inputs }: Case): Tensor {
  const { input_ids: ids, attention_mask: mask, token_type_ids: types = mask.map((row) => row.map(() => 0)) } = inputs;
  const rows = ids.flatMap((row, i) => [row, row.map((_, j) => mask[i]![j]! * (1 + types[i]![j]!))]);
  return tensor('float32', [ids.length, 2, ids[0]!.length], rows.flat());
}

const wide = (c: Case): number => c.logits.length / c.target.flat().length;
const weightsOf = (model: ImportedStudent) =>
  initialise(model, { input: [2, 12], outputs: 3 }, () => ({ uniform: () => 0, normal: () => 0 }));

/** A graph that trains on one batch of a case; the loss is the mean over examples, or over tokens that are none of padding. */
async function trainingOf(
  model: ImportedStudent,
  c: Case,
): Promise<{ readonly built: Built; readonly loss: Value; readonly x: Tensor }> {
  const x = batchOf(c);
  await model.prepare(x.shape);
  const graph = new Graph();
  const built = buildModel(model, graph, graph.input('x', x), { training: true, source: 'inputs' });
  const { attention_mask: mask } = c.inputs;
  const weights = Array.isArray(c.target[0]) ? mask.flat() : c.target.map(() => 1);
  const loss = meanLoss(reshape(built.logits, [-1, wide(c)]), c.target.flat(), weights);
  return { built, loss, x };
}

describe('transformers that PyTorch exported, trained as PyTorch trains them', () => {
  test.each(cases)('$file', async (c) => {
    const model = await student(c.file, { outputs: wide(c) });
    const { built, loss, x } = await trainingOf(model, c);
    const state = weightsOf(model);

    const watched = built.params.filter(({ name }) => name in c.gradients);
    expect(watched.map(({ name }) => name).sort()).toEqual(Object.keys(c.gradients).sort());
    const gradients = grad(
      loss,
      watched.map(({ value }) => value),
    );
    const found = await evaluate(
      { logits: built.logits, ...Object.fromEntries(watched.map(({ name }, i) => [`d ${name}`, gradients[i]!])) },
      { ...Object.fromEntries(state), x },
    );
    expect(apart(numbers(found.logits!), c.logits)).toBeLessThan(2e-5);
    for (const { name } of watched) {
      const { shape, data } = c.gradients[name]!;
      // PyTorch writes the matrices of its linear layers transposed, under numbers.
      const turned = model.weights.find((w) => w.name === name)!.places[0]!.file !== name;
      const wanted = turned ? data.map((_, k) => data[(k % shape[0]!) * shape[1]! + Math.floor(k / shape[0]!)]!) : data;
      expect(apart(numbers(found[`d ${name}`]!), wanted), name).toBeLessThan(1e-4);
    }

    const { losses } = await trainBySgd({ built, loss, feeds: { x }, state, rate: c.rate, steps: c.losses.length });
    expect(apart(losses, c.losses)).toBeLessThan(2e-4);
  });
});

describe('transformers with what ONNX Runtime fuses', () => {
  test.each(['bert-13.onnx', 'masked-lm-17.onnx', 'gpt-14.onnx'])('%s', async (file) => {
    const c = cases.find((one) => one.file === file)!;
    const bytes = await engine.optimised(readFileSync(fixture(`onnx/${file}`)));
    const shape = { input: [2, 12], outputs: wide(c), vocabulary: 50 };
    const model = await importStudent({ source: file, bytes }, engine, { shape });
    expect(Object.keys(model.facts.operators).some((op) => /Gelu/.test(op) && op.startsWith('com.microsoft'))).toBe(true);
    const { built, loss, x } = await trainingOf(model, c);
    const steps = c.losses.length;
    const { losses } = await trainBySgd({ built, loss, feeds: { x }, state: weightsOf(model), rate: c.rate, steps });
    expect(apart(losses, c.losses)).toBeLessThan(2e-4);
  });
});

describe('an imported student', () => {
  const [bert] = cases as [Case];
  const languageModel = cases.find(({ file }) => file === 'masked-lm-17.onnx')!;

  test('is evaluated with open sizes, and its file with trained weights says the same', async () => {
    for (const c of [bert, languageModel]) {
      const model = await student(c.file, { outputs: wide(c) });
      const { built, loss, x } = await trainingOf(model, c);
      const { state } = await trainBySgd({ built, loss, feeds: { x }, state: weightsOf(model), rate: c.rate, steps: 3 });

      await model.prepare(['N', 2, 'L']);
      const graph = new Graph();
      const open = graph.input('x', { dtype: 'float32', shape: ['N', 2, 'L'] });
      const { logits } = buildModel(model, graph, open, { training: false, source: state });
      expect(logits.shape[0]).toBe('N');
      const [evaluated, shorter] = [await evaluate({ logits }, { x }), await evaluate({ logits }, { x: firstTokens(x, 5) })];

      const session = await openBytes(model.file(state)!);
      const written = await session.run(fileFeeds(c));
      await session.close();
      expect(apart(numbers(written.logits!), numbers(evaluated.logits!))).toBeLessThan(1e-5);
      expect(apart(numbers(written.logits!), c.logits)).toBeGreaterThan(1e-2);
      expect(shorter.logits!.shape[0]).toBe(4);
    }
  });

  test('trains a matrix that the file has twice as one', async () => {
    const model = await student(languageModel.file, { outputs: 50 });
    const tied = model.weights.find(({ places }) => places.length > 1)!;
    expect(tied.name).toBe('encoder.embeddings.word_embeddings.weight');
    expect(tied.places.map(({ transposed }) => transposed)).toEqual([false, true]);
  });

  test('knows how many ids it knows', async () => {
    expect((await student(bert.file)).vocabulary).toBe(50);
  });

  test('takes a head of its own, on a role', async () => {
    for (const reads of ['embedding', 'hidden.0']) {
      const model = await student(bert.file, { outputs: 5, head: 'new', reads });
      const x = batchOf(bert);
      await model.prepare(x.shape);
      const graph = new Graph();
      const built = buildModel(model, graph, graph.input('x', x), { training: true, source: 'inputs' });
      expect(built.logits.shape).toEqual([4, 5]);
      expect(built.params.slice(-2).map(({ name }) => name)).toEqual(['head.weight', 'head.bias']);
      expect(model.file(new Map())).toBeNull();
      const loss = meanLoss(built.logits, [0, 1, 2, 3], [1, 1, 1, 1]);
      const state = weightsOf(model);
      const { losses } = await trainBySgd({ built, loss, feeds: { x }, state, rate: 0.1, steps: 4 });
      expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.01);
    }
  });

  test('with a layer that has no derivative trains what lies behind it, and names the way to what lies before', async () => {
    const model = await importStudent({ source: 'lstm.onnx', bytes: lstmFile(6, 2) }, engine, {
      shape: { input: [6], outputs: 2 },
    });
    await model.prepare([3, 6]);
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [3, 6] });
    const built = buildModel(model, graph, x, { training: true, source: 'inputs' });
    const loss = meanLoss(built.logits, [0, 1, 0], [1, 1, 1]);
    const of = (name: string) => built.params.find((p) => p.name === name)!.value;
    expect(grad(loss, [of('last')])[0]!.shape).toEqual([3, 2]);
    expect(() => grad(loss, [of('first')])).toThrow(
      /^LSTM: no gradient \(.*freeze what lies before it.*\), and one has to pass: w → LSTM \(c\) → Reshape \(d\) → MatMul \(y\)/,
    );
  });

  test('names what does not fit', async () => {
    await expect(student(bert.file, { outputs: 7 })).rejects.toThrow("'logits' of bert-11.onnx has 3 numbers for an example, and the data needs 7; give it a head of its own with student.model.head: new"); // biome-ignore format: one message
    await expect(student(bert.file, { head: 'new', reads: 'hiden.1' })).rejects.toThrow("no role or tensor 'hiden.1'; the nearest are hidden.1"); // biome-ignore format: one message
    await expect(student(bert.file, { logits: 'logit' })).rejects.toThrow("student.model.logits: bert-11.onnx has no tensor 'logit'; the nearest are logits"); // biome-ignore format: one message
    await expect(student(bert.file, { inputs: { ids: 'ids' } })).rejects.toThrow("has no input 'ids'; it has input_ids [batch,sequence]"); // biome-ignore format: one message
    await expect(student(bert.file, { inputs: { attention_mask: 'ids' } })).rejects.toThrow('2 of its inputs look like token ids'); // biome-ignore format: one message
  });
});

function fileFeeds({ inputs }: Case): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, rows]) => [name, tensor('int64', [rows.length, rows[0]!.length], rows.flat())]),
  );
}

function firstTokens({ shape, data }: Tensor, length: number): Tensor {
  const [n, rows, long] = shape as readonly [number, number, number];
  const kept = Array.from({ length: n * rows }, (_, r) => Array.from(data.subarray(r * long, r * long + length), Number));
  return tensor('float32', [n, rows, length], kept.flat());
}
