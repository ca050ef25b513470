import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { StoppedError } from '../../src/run/error.ts';
import { evaluateFile } from '../../src/run/evaluate-file.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { lstmFile } from '../support/lstm.ts';
import { placeForRuns } from '../support/runs.ts';
import { textsIn, writeTexts } from './text-set.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/onnx/${name}`, import.meta.url));
const { root, folder, start, engine } = placeForRuns('imported');

/** The models of the fixtures know 50 ids, 32 places and 3 classes. */
const data = textsIn(root);
const bert = { kind: 'onnx', model: fixture('bert-17.onnx') };
const training = { epochs: 2, batchSize: 16, buckets: 2, optimizer: { kind: 'adam', learningRate: 0.01 } };
const fine = { name: 'fine', data, student: { model: bert }, training, export: { int8: false } };
const taught = {
  ...fine,
  teacher: bert,
  losses: [{ kind: 'kd' }, { kind: 'labels' }],
  training: { ...training, epochs: 1 },
  controls: { scratch: false },
};

beforeAll(() => writeTexts(root));

const file = (directory: string): string => join(directory, 'student/onnx/model.onnx');
const weights = (bytes: Uint8Array) => readModel(bytes, { source: 'student' }).graph.initializers;
const bytesOf = ({ data: { buffer, byteOffset, byteLength } }: Tensor): Buffer => Buffer.from(buffer, byteOffset, byteLength);

describe('a text model from a file', () => {
  test('is fine-tuned on labels alone, and its own file comes back with new weights', async () => {
    const directory = folder();
    const groups = [{ match: ['*embeddings*', 'encoder.layer.0.*'], frozen: true }];
    const recipe = { ...fine, training: { ...training, epochs: 4, optimizer: { ...training.optimizer, groups } } };
    const { results, history } = await start(recipe, { directory });
    expect(results.distilled.model).toBe('bert-17');
    expect(results.scratch).toBeNull();
    const losses = history.flatMap(({ total }) => (total === undefined ? [] : [total]));
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.1);
    expect(results.parity.maxAbsError).toBeLessThan(1e-5);

    const [before, after] = [weights(readFileSync(fixture('bert-17.onnx'))), weights(readFileSync(file(directory)))];
    expect([...after.keys()]).toEqual([...before.keys()]);
    const kept = [...before].map(([name, t]) => ({ name, same: bytesOf(t).equals(bytesOf(after.get(name)!)) }));
    const frozen = kept.filter(({ name }) => /embeddings|encoder\.layer\.0/.test(name));
    expect(frozen.length).toBeGreaterThan(5);
    expect(frozen.every(({ same }) => same)).toBe(true);
    expect(kept.filter(({ same }) => !same).length).toBeGreaterThan(5);
  });

  test('learns from another, to the same bytes when it was stopped, and is evaluated from its folder as in its run', async () => {
    const [once, stopped] = [folder(), folder()];
    const { results } = await start(taught, { directory: once });
    for (let [done, stops] = [false, 0]; !done; stops++) {
      const control = new AbortController();
      const emit = (e: RunEvent): void => {
        if (e.type === 'steps' && stops < 2) control.abort();
      };
      done = await start(taught, { directory: stopped, resume: stops > 0, signal: control.signal, emit }).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(StoppedError);
          return false;
        },
      );
      expect(done ? stops : 2).toBe(2);
    }
    expect(readFileSync(file(stopped)).equals(readFileSync(file(once)))).toBe(true);

    const found = await evaluateFile(file(once), parseRecipe(taught), { runtime: engine() });
    expect(found.input).toBe('preprocessing inside the file');
    expect(found.metrics.accuracy).toBe(results.distilled.metrics.accuracy!.mean);
    expect(found.metrics.nll).toBeCloseTo(results.distilled.metrics.nll!.mean, 5);
    expect(results.teacher!.metrics.accuracy!.mean).toBeLessThan(1);
  });

  test('a model of the language guesses hidden words as its teacher does, and then gets a head for the classes', async () => {
    const directory = folder();
    const { history, results } = await start(
      {
        ...fine,
        teacher: { kind: 'onnx', model: fixture('masked-lm-13.onnx') },
        student: { model: { kind: 'onnx', model: fixture('masked-lm-17.onnx'), head: 'new', reads: 'hidden.1' } },
        stages: [
          {
            losses: [{ kind: 'masked-language' }, { kind: 'masked-kd' }, { kind: 'hint', layers: [{ student: 'hidden.0', teacher: 'hidden.0' }] }],
            epochs: 1,
            augment: [{ kind: 'mask-tokens' }],
          },
        ],
        losses: [{ kind: 'labels' }],
        controls: { scratch: false },
      },
      { directory },
    ); // biome-ignore format: as it is
    expect(Object.keys(history[0]!.losses!)).toEqual(['masked-language', 'masked-kd', 'hint']);
    expect(history[0]!.losses!['masked-language']).toBeGreaterThan(1);
    expect(history[0]!.losses!['masked-kd']).toBeGreaterThan(0);
    // The new head is not in the user's file: what is delivered is the graph that was evaluated.
    expect(readModel(readFileSync(file(directory)), { source: 'x' }).graph.inputs.map((v) => v.name)).toEqual(['input_ids', 'attention_mask', 'token_type_ids']); // biome-ignore format: one line
    expect(results.parity.maxAbsError).toBeLessThan(1e-5);
  });

  test('what does not fit is said before anything is written', async () => {
    const directory = folder();
    const refused = (model: object, more: object = {}) => expect(start({ ...fine, ...more, student: { model: { kind: 'onnx', ...model } } }, { directory })).rejects; // biome-ignore format: one call
    await refused({ model: fixture('none.onnx') }).toThrow(/none\.onnx: .*no such file/i);
    await refused({ model: 'hf:maker/tiny' }).toThrow('student.model.model: \'hf:maker/tiny\', and no folder for downloads; expected a cache for what comes from the Hub; pass `hub: { cache }`'); // biome-ignore format: one message
    await refused({ model: fixture('gpt-14.onnx') }).toThrow("student: 'logits' of");
    await refused({ model: bert.model }, { data: { kind: 'spirals', size: 60 } }).toThrow(
      'it takes token ids, so the data must be texts',
    );
    await refused({ model: bert.model }, { data: { ...data, tokenizer: { train: 'wordpiece', size: 60 } } }).toThrow(/student: .*bert-17.onnx knows ids from 0 to 49, and the tokenizer of the data gives ids up to \d+; take the tokenizer that belongs to the model/); // biome-ignore format: one call
    const two = readFileSync(data.path, 'utf8').split('\n').filter((row) => !row.endsWith('fair')); // biome-ignore format: one line
    writeFileSync(join(root, 'two.tsv'), two.join('\n'));
    await refused({ model: bert.model }, { data: { ...data, path: join(root, 'two.tsv') } }).toThrow(/'logits' of .*bert-17.onnx has 3 numbers for an example, and the data needs 2; give it a head of its own with student.model.head: new/); // biome-ignore format: one call
    expect(existsSync(directory)).toBe(false);
    expect(() => parseRecipe({ ...taught, student: { model: bert, initialise: { from: 'teacher' } } })).toThrow('student.initialise: the weights of the file'); // biome-ignore format: one line
  });
});

test('a layer without a derivative is named with its way, unless what lies before it is frozen', async () => {
  const path = join(root, 'lstm.onnx');
  writeFileSync(path, lstmFile(2, 3));
  const recipe = (groups: object[]) => ({
    name: 'lstm',
    data: { kind: 'spirals', size: 300 },
    teacher: { kind: 'onnx', model: path },
    student: { model: { kind: 'onnx', model: path } },
    training: { epochs: 1, batchSize: 32, optimizer: { kind: 'sgd', groups } },
    controls: { scratch: false },
    export: { int8: false },
  });
  await expect(start(recipe([]))).rejects.toThrow(/^LSTM: no gradient \(.*\), and one has to pass: w → LSTM \(.*c\) → .*MatMul \(.*y\)/); // biome-ignore format: one line
  const { results } = await start(recipe([{ match: ['first', 'w', 'r'], frozen: true }]));
  expect(results.distilled.cost.parameters).toBe(10 + 60 + 36 + 9);
});

const cifar = ['data/cifar10', 'data/models/cifar10_resnet/resnet20_cifar10.onnx'];
test.skipIf(!cifar.every((path) => existsSync(path)))(
  'a ResNet from a file goes on with the statistics of its batches',
  async () => {
    const [, resnet] = cifar as [string, string];
    const directory = folder();
    const { results } = await start(
      {
        name: 'resnet',
        data: { kind: 'cifar', path: 'data/cifar10', limit: 160, validation: 0, test: 32 },
        teacher: { kind: 'onnx', model: resnet, preprocess: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } },
        student: {
          model: { kind: 'onnx', model: resnet },
          preprocess: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
        },
        losses: [{ kind: 'kd' }, { kind: 'labels' }],
        training: { epochs: 1, batchSize: 32, optimizer: { kind: 'sgd', learningRate: 1e-4 } },
        controls: { scratch: false },
        export: { int8: false },
      },
      { directory },
    );
    expect(results.teacher!.metrics.accuracy!.mean).toBeGreaterThan(0.8);
    expect(results.distilled.metrics.agreement!.mean).toBeGreaterThan(0.8);
    expect(results.parity.maxAbsError).toBeLessThan(1e-4);
    // Mean and deviation are inside of what is delivered.
    expect(readModel(readFileSync(file(directory)), { source: 'x' }).graph.inputs.map((v) => v.name)).toEqual(['pixel_values']);
  },
);
