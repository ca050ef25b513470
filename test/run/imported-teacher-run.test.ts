import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { readModel } from '../../src/onnx/decode.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { jobStore } from '../../src/run/store.ts';
import { numbers } from '../support/ort.ts';
import { placeForRuns } from '../support/runs.ts';
import { textsIn, writeTexts } from './text-set.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/onnx/${name}`, import.meta.url));
const { root, folder, start } = placeForRuns('imported-teacher');
beforeAll(() => writeTexts(root));

const data = textsIn(root);
const bert = { kind: 'onnx', model: fixture('bert-17.onnx') };
const training = { epochs: 1, batchSize: 16, buckets: 1, optimizer: { kind: 'adam', learningRate: 0.01 } };
const recipe = {
  name: 'halved',
  data,
  teacher: { kind: 'train', model: bert, training: { ...training, epochs: 3 } },
  student: { model: { ...bert, layers: [1] }, initialise: { from: 'teacher' } },
  losses: [{ kind: 'kd' }, { kind: 'hint', layers: [{ student: 'hidden.0', teacher: 'hidden.1' }] }],
  training: { ...training, optimizer: { kind: 'sgd', learningRate: 1e-12 } },
  controls: { scratch: false },
  export: { int8: false },
};
const finished = async (directory: string, job: string) => (await jobStore(join(directory, 'checkpoints', job)).finished())!;

test('a file is fine-tuned, and some of its layers go on from there as the student', async () => {
  const directory = folder();
  const { results, history } = await start(recipe, { directory });
  const losses = history.flatMap(({ role, total }) => (role === 'teacher' && total !== undefined ? [total] : []));
  expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.05);
  expect([results.teacher!.model, results.distilled.model]).toEqual(['bert-17', 'bert-17-1of2']);
  expect(results.distilled.cost.parameters).toBeLessThan(results.teacher!.cost.parameters);
  expect(results.parity.maxAbsError).toBeLessThan(1e-5);

  const [teacher, student] = [await finished(directory, 'teacher-1'), await finished(directory, 'distilled-1')];
  const names = Object.keys(student.weights);
  expect(names.some((name) => name.includes('layer.0.'))).toBe(false);
  expect(names.length).toBeGreaterThan(16);
  const { initializers } = readModel(readFileSync(fixture('bert-17.onnx')), { source: 'x' }).graph;
  for (const name of names) {
    const [ours, theirs] = [numbers(student.weights[name]!), numbers(teacher.weights[name]!)];
    expect(Math.max(...ours.map((v, i) => Math.abs(v - theirs[i]!))), name).toBeLessThan(1e-6);
  }
  expect(numbers(student.weights['classifier.bias']!)).not.toEqual(numbers(initializers.get('classifier.bias')!));
  const written = readModel(readFileSync(join(directory, 'student/onnx/model.onnx')), { source: 'x' }).graph;
  expect([...written.initializers.keys()].some((name) => name.includes('layer.0.'))).toBe(false);
  expect(written.inputs.map((v) => v.name)).toEqual(['input_ids', 'attention_mask', 'token_type_ids']);
});

const small = { kind: 'bert', layers: 1, width: 16, heads: 2, inner: 8, dropout: 0 };

test.each([
  ['an ONNX file', bert],
  ['a file that is trained first', { kind: 'train', model: bert, training }],
])('a bert takes the layers and units that it is told from %s', async (_, teacher) => {
  const directory = folder();
  const student = { model: small, initialise: { from: 'teacher', layers: [1], examples: 40 } };
  await start({ ...recipe, teacher, student, losses: [{ kind: 'kd' }] }, { directory });
  const { weights: ours } = await finished(directory, 'distilled-1');
  const file = readModel(readFileSync(fixture('bert-17.onnx')), { source: 'x' }).graph.initializers;
  const theirs = teacher.kind === 'train' ? new Map(Object.entries((await finished(directory, 'teacher-1')).weights)) : file;
  const apart = (our: string, their: string): number => {
    const wanted = numbers(theirs.get(their)!);
    return Math.max(...numbers(ours[our]!).map((v, i) => Math.abs(v - wanted[i]!)));
  };
  expect(apart('embeddings.word.weight', 'encoder.embeddings.word_embeddings.weight')).toBeLessThan(1e-6);
  expect(apart('layers.0.attention.query.bias', 'encoder.layer.1.attention.query.bias')).toBeLessThan(1e-6);
  expect(apart('layers.0.feedforward.norm.weight', 'encoder.layer.1.norm2.weight')).toBeLessThan(1e-6);
  const units = numbers(theirs.get('encoder.layer.1.intermediate.bias')!);
  const places = numbers(ours['layers.0.feedforward.inner.bias']!).map((v) => units.findIndex((u) => Math.abs(u - v) < 1e-6));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(places).toHaveLength(8);
  expect(places).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('what does not fit is said', async () => {
  const other = { ...recipe, teacher: { ...recipe.teacher, model: { kind: 'onnx', model: fixture('bert-13.onnx') }, training } };
  await expect(start(other)).rejects.toThrow(/^student\.initialise: found bert-13, trained from .*bert-13\.onnx as the teacher and a student made of .*bert-17\.onnx; expected a teacher that this run trains from the same file/); // biome-ignore format: one line
  const wrong = (teacher: object) => () => parseRecipe({ ...recipe, teacher });
  expect(wrong(bert)).toThrow('student.initialise: the weights of the file of student.model are the start');
  expect(wrong({ kind: 'train', model: { kind: 'bert' } })).toThrow('student.initialise: the weights of the file');
  const preNorm = { ...recipe, teacher: { kind: 'onnx', model: fixture('pre-norm-17.onnx') }, student: { model: small, initialise: { from: 'teacher' } }, losses: [{ kind: 'kd' }] }; // biome-ignore format: one line
  await expect(start(preNorm)).rejects.toThrow('student.initialise: found pre-norm-17.onnx as the teacher and a student of kind bert; expected a student of kind bert, and a teacher whose parts can be told apart'); // biome-ignore format: one line
  const few = { ...recipe, teacher: { ...recipe.teacher, model: { ...bert, layers: [5] } } };
  await expect(start(few)).rejects.toThrow(/^teacher\.model\.layers: 5 is not a layer of .*bert-17\.onnx; it has 0 to 1/);
});
