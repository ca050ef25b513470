import { existsSync, readFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { afterAll, describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { exportedInputs } from '../../src/export/layouts/list.ts';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { bert } from '../../src/models/architectures/bert.ts';
import { buildModel, initialise } from '../../src/models/build.ts';
import type { ModelShape } from '../../src/models/define.ts';
import { type ImportedStudent, importStudent, type StudentOptions } from '../../src/models/imported-student.ts';
import { initialiseFrom } from '../../src/models/shrink/initialise-from.ts';
import type { KeptLayers } from '../../src/models/shrink/kept-layers.ts';
import { encode } from '../../src/onnx/encode.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { modelFile } from '../onnx/file.ts';
import { apart } from '../support/golden.ts';
import { evaluate, lowered, numbers, openBytes } from '../support/ort.ts';
import { texts } from './texts.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const fixture = (file: string): Uint8Array => readFileSync(new URL(`../fixtures/onnx/${file}`, import.meta.url));
const sized: ModelShape = { input: [2, 9], outputs: 3, vocabulary: 50 };
const student = (bytes: Uint8Array, layers?: KeptLayers, options: Partial<StudentOptions> = {}) =>
  importStudent({ source: 'file.onnx', bytes }, engine, { shape: sized, layers, ...options });

const ids = texts([9, 4, 6], 9, 50);
const weightsOf = (model: ImportedStudent): Map<string, Tensor> => new Map(model.weights.map(({ name, tensor: t }) => [name, t]));

/** What a model answers, by role. */
async function answers(model: ImportedStudent, x: Tensor, roles: readonly string[] = ['logits'], source = weightsOf(model)) {
  await model.prepare(x.shape);
  const graph = new Graph();
  const built = buildModel(model, graph, graph.input('x', x), { training: false, source });
  return evaluate(Object.fromEntries(roles.map((role) => [role, built.taps.get(role)!])), { x });
}

/** What the file of a model answers in the engine. */
async function filed(model: ImportedStudent, feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
  const session = await openBytes(model.file(weightsOf(model))!);
  const wanted = model.facts.inputs.map((v) => v.name);
  const found = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.includes(name))));
  await session.close();
  return found;
}

const graphOf = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes).graph!;
/** The weights of a model, those whose names match zero. */
function silenced(model: ImportedStudent, names: RegExp): Map<string, Tensor> {
  const weights = weightsOf(model);
  const found = [...weights].filter(([name]) => names.test(name));
  expect(found.length).toBeGreaterThan(0);
  for (const [name, { shape, data }] of found)
    weights.set(name, { dtype: 'float32', shape, data: new Float32Array(data.length) });
  return weights;
}

describe('an imported student with some of its layers', () => {
  const files = ['bert-11', 'bert-13', 'bert-14-filled', 'bert-17', 'distilbert-14', 'pre-norm-13', 'pre-norm-17'];

  test.each(files)('%s: what stays computes what it did, in a smaller file that says the same', async (name) => {
    const bytes = fixture(`${name}.onnx`);
    const whole = await student(bytes);
    for (const layer of [0, 1]) {
      const model = await student(bytes, [layer]);
      expect(model.name).toBe('file-1of2');
      const roles = ['tokens', 'hidden.0', 'attention.0', 'query.0', 'key.0', 'value.0'];
      expect([...model.roles.keys()].filter((role) => /\d/.test(role))).toEqual(roles.slice(1));
      const found = await answers(model, ids, [...roles, 'logits']);
      const written = await filed(model, exportedInputs([2, 9]).feeds(ids));
      expect(apart(numbers(written.logits!), numbers(found.logits!))).toBeLessThan(1e-5);
      const [before, after] = [graphOf(bytes), graphOf(model.file(weightsOf(model))!)];
      expect(after.node.length).toBeLessThan(0.75 * before.node.length);
      expect(after.initializer.length).toBeLessThanOrEqual(before.initializer.length - 16);
      expect(after.valueInfo.length).toBeLessThanOrEqual(before.valueInfo.length);
      expect(whole.weights.length - model.weights.length).toBe(16);

      const all = await answers(whole, ids, ['tokens', 'hidden.0', 'attention.0', 'logits']);
      expect(apart(numbers(found.tokens!), numbers(all.tokens!))).toBe(0);
      expect(apart(numbers(found['hidden.0']!), numbers(all['hidden.0']!)) < 1e-6).toBe(layer === 0);
      expect(apart(numbers(found.logits!), numbers(all.logits!))).toBeGreaterThan(1e-3);
    }
  });

  test.each([
    ['pre-norm-17', 3, /layer\.0\.(attention\.out|output)\./],
    ['gpt-14', 50, /h\.0\.(c_proj|c_out)\./],
  ] as const)('%s without a layer that adds nothing says what it said', async (name, outputs, adds) => {
    const bytes = fixture(`${name}.onnx`);
    const [whole, without] = [await student(bytes, undefined, { shape: { ...sized, outputs } }), await student(bytes, [1], { shape: { ...sized, outputs } })]; // biome-ignore format: one line
    const idle = await answers(whole, ids, ['logits'], silenced(whole, adds));
    const found = numbers((await answers(without, ids)).logits!);
    expect(apart(found, numbers(idle.logits!))).toBeLessThan(1e-6);
    expect(apart(found, numbers((await answers(whole, ids)).logits!))).toBeGreaterThan(1e-3);
  });

  test('with all of its layers is the file', async () => {
    const bytes = fixture('bert-17.onnx');
    for (const layers of [[0, 1], { map: 'last', count: 2 }] as const) {
      const [kept, whole] = [await student(bytes, layers), await student(bytes)];
      const file = kept.file(weightsOf(kept))!;
      expect(Buffer.from(file).equals(Buffer.from(whole.file(weightsOf(whole))!))).toBe(true);
    }
  });

  test('of a model that was built here is what its layers make of a smaller one', async () => {
    const cases = [
      ['mean', 'every-other', [0, 2]],
      ['mean', 'last', [2, 3]],
      ['mean', { map: 'spread', count: 3 }, [0, 2, 3]],
      // The last layer of such a file works on the first token alone.
      ['pooler', 'every-other', [0, 2]],
      ['pooler', { map: 'last', count: 3 }, [1, 2, 3]],
      ['pooler', [1, 3], [1, 3]],
    ] as const;
    for (const [pooling, layers, list] of cases) {
      const of = (count: number) => {
        const options = bert.options.parse({ kind: 'bert', layers: count, width: 12, heads: 3, inner: 20, dropout: 0, pooling });
        return { structure: bert.structure!(options, sized), model: bert.create(options, sized) };
      };
      const [four, fewer] = [of(4), of(list.length)];
      const weights = initialise(four.model, sized, (name) => random(5, name));
      const graph = new Graph();
      const built = buildModel(four.model, graph, exportedInputs([2, 9]).open(graph), { training: false, source: weights });
      const model = await student(encode(lowered({ logits: built.logits })), layers);
      expect(model.roles.get('hidden.0')!.shape).toEqual([1, 9, 12]);
      const imported = await answers(model, ids);
      const source = initialiseFrom(weights, four.structure, fewer.structure, { layers: list });
      const own = new Graph();
      const { logits } = buildModel(fewer.model, own, own.input('x', ids), { training: false, source });
      expect(apart(numbers(imported.logits!), numbers((await evaluate({ logits }, { x: ids })).logits!))).toBeLessThan(1e-6);
    }
  });

  test('whose last layer goes gives an output of that layer what is left', async () => {
    const model = fromBinary(ModelProtoSchema, fixture('bert-17.onnx'));
    const hidden = (i: number): string => `/encoder/layer.${i}/norm2/LayerNormalization_output_0`;
    const shown = (...names: string[]): Uint8Array => {
      const given = fromBinary(ModelProtoSchema, toBinary(ModelProtoSchema, model));
      for (const name of names) given.graph!.output.push({ ...given.graph!.output[0]!, name, type: undefined } as never);
      return toBinary(ModelProtoSchema, given);
    };
    expect((await student(shown())).roles.get('hidden.1')!.tensor).toBe(hidden(1));
    const kept = await student(shown(hidden(1)), [0]);
    const written = await filed(kept, exportedInputs([2, 9]).feeds(ids));
    const first = await answers(await student(shown()), ids, ['hidden.0']);
    expect(apart(numbers(written[hidden(1)]!), numbers(first['hidden.0']!))).toBeLessThan(1e-6);
    await expect(student(shown(hidden(0)), [1])).rejects.toThrow(`student.model.layers: layer 0 of file.onnx cannot be left out: what leaves it is the output '${hidden(0)}' of the file; keep it`); // biome-ignore format: one message
    const inner = '/encoder/layer.0/attention/Softmax_output_0';
    await expect(student(shown(inner), [1])).rejects.toThrow(`file.onnx: layer 0 cannot be left out: an output of the file outside of it reads '${inner}' inside of it; keep that layer`); // biome-ignore format: one message
    expect((await student(shown(inner), [0])).weights.length).toBeGreaterThan(0);
  });

  test('names what does not fit', async () => {
    const bytes = fixture('bert-17.onnx');
    const refused = (layers: KeptLayers) => expect(student(bytes, layers)).rejects;
    await refused([2]).toThrow('student.model.layers: 2 is not a layer of file.onnx; it has 0 to 1');
    await refused([1, 0]).toThrow('student.model.layers: found [1, 0]; layers of a file stay in their order, each once; give [0, 1]'); // biome-ignore format: one message
    await refused({ map: 'first', count: 3 }).toThrow('student.model.layers.count: found 3; file.onnx has 2 layers; give a number from 1 to 2'); // biome-ignore format: one message
    const plain = modelFile(17, {
      inputs: { x: { dtype: 'float32', shape: ['N', 4] } },
      constants: { w: tensor('float32', [4, 3], Array(12).fill(0.1)) },
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      outputs: ['y'],
    });
    await expect(student(plain, 'first', { shape: { input: [4], outputs: 3 } })).rejects.toThrow('student.model.layers: the structure of file.onnx shows no layers'); // biome-ignore format: one message
  });
});

const data = './data/models';
describe.skipIf(!existsSync(data))(`layers of the models of ${data}`, () => {
  test('a decoder with rotary positions', async () => {
    const bytes = readFileSync(`${data}/stories260K/stories260K.onnx`);
    const shape: ModelShape = { input: [2, 9], outputs: 512, vocabulary: 512 };
    const model = await student(bytes, [0, 2, 4], { shape });
    expect([...model.roles.keys()].filter((role) => role.startsWith('hidden'))).toEqual(['hidden.0', 'hidden.1', 'hidden.2']);
    const roles = ['hidden.0', 'logits'];
    const [found, whole] = [await answers(model, ids, roles), await answers(await student(bytes, undefined, { shape }), ids, roles)]; // biome-ignore format: one line
    expect(apart(numbers(found['hidden.0']!), numbers(whole['hidden.0']!))).toBeLessThan(1e-6);
    expect(apart(numbers((await filed(model, exportedInputs([2, 9]).feeds(ids))).logits!), numbers(found.logits!))).toBeLessThan(
      1e-4,
    );
  });

  test('blocks of a residual network that keep the sizes', async () => {
    const bytes = readFileSync(`${data}/cifar10_resnet/resnet20_cifar10.onnx`);
    const shape: ModelShape = { input: [3, 32, 32], outputs: 10 };
    const x = tensor(
      'float32',
      [2, 3, 32, 32],
      Array.from({ length: 2 * 3072 }, (_, i) => Math.sin(i * 12.9898 + 1)),
    );
    const half = await student(bytes, 'every-other', { shape });
    expect(half.name).toBe('file-4of9');
    expect([...half.roles].filter(([role]) => role.startsWith('hidden')).map(([, r]) => r.tensor)).toEqual(['layer1.0.out', 'layer2.0.out', 'layer2.1.out', 'layer3.0.out']); // biome-ignore format: one line
    expect(apart(numbers((await filed(half, { input: x })).logits!), numbers((await answers(half, x)).logits!))).toBeLessThan(
      1e-4,
    );
    const whole = await student(bytes, undefined, { shape });
    const idle = await answers(whole, x, ['logits'], silenced(whole, /^layer[123]\.1\.bn2\.(weight|bias)$/));
    const without = await student(bytes, [0, 2, 3, 5, 6, 8], { shape });
    expect(apart(numbers(idle.logits!), numbers((await answers(without, x)).logits!))).toBeLessThan(1e-4);
    await expect(student(bytes, [0, 1], { shape })).rejects.toThrow('student.model.layers: layer 3 of file.onnx cannot be left out: it does not carry on what enters it, such as where sizes change; add 3 to the list'); // biome-ignore format: one message
    await expect(student(bytes, { map: 'first', count: 1 }, { shape })).rejects.toThrow('has 9 layers, of which 2 cannot be left out; give a number from 2 to 9'); // biome-ignore format: one message
  });
});
