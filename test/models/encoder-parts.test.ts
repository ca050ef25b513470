import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, NodeProtoSchema } from 'onnx-buf';
import { afterAll, describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { exportedInputs } from '../../src/export/layouts/list.ts';
import { Graph } from '../../src/graph/graph.ts';
import type { Tensor } from '../../src/graph/type.ts';
import { bert } from '../../src/models/architectures/bert.ts';
import { buildModel, initialise } from '../../src/models/build.ts';
import { importModel } from '../../src/models/import.ts';
import { importStudent } from '../../src/models/imported-student.ts';
import { encoderParts } from '../../src/models/shrink/encoder-parts.ts';
import { initialiseFrom } from '../../src/models/shrink/initialise-from.ts';
import { encode } from '../../src/onnx/encode.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { apart } from '../support/golden.ts';
import { evaluate, lowered, numbers } from '../support/ort.ts';
import { texts } from './texts.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const shape = { input: [2, 9], outputs: 3, vocabulary: 50 };
const ids = texts([9, 4, 6], 9, 50);
const fixture = (file: string): Uint8Array => readFileSync(new URL(`../fixtures/onnx/${file}`, import.meta.url));

async function partsOf(bytes: Uint8Array, vocabulary?: number) {
  const model = await importModel({ source: 'file.onnx', bytes }, engine, { batch: 2, dims: { sequence: 9 } });
  return encoderParts(model.graph, 'logits', vocabulary);
}

const sized = (options: object) => {
  const parsed = bert.options.parse({ kind: 'bert', layers: 2, width: 16, heads: 2, inner: 32, positions: 32, dropout: 0, ...options }); // biome-ignore format: one line
  return { structure: bert.structure!(parsed, shape), model: bert.create(parsed, shape) };
};

async function answer(model: ReturnType<typeof sized>['model'], source: ReadonlyMap<string, Tensor>): Promise<number[]> {
  const graph = new Graph();
  const { logits } = buildModel(model, graph, graph.input('x', ids), { training: false, source });
  return numbers((await evaluate({ logits }, { x: ids })).logits!);
}

describe('an encoder of a file taken apart', () => {
  test.each(['bert-11', 'bert-13', 'bert-14-filled', 'bert-17', 'distilbert-14'])(
    '%s: a student of its size made of the parts says what the file says',
    async (name) => {
      const bytes = fixture(`${name}.onnx`);
      const types = name.startsWith('bert');
      const parts = (await partsOf(bytes))!;
      const { model, structure } = sized({ types: types ? 2 : 0 });
      expect(parts.structure.counted).toEqual(structure.counted);
      const weights = initialiseFrom(parts.weights, parts.structure, structure);
      expect(new Set(weights.keys())).toEqual(new Set(initialise(model, shape, (n) => random(1, n)).keys()));

      const file = await importStudent({ source: name, bytes }, engine, { shape });
      const source = new Map(file.weights.map((w) => [w.name, w.tensor]));
      await file.prepare(ids.shape);
      const graph = new Graph();
      const own = buildModel(file, graph, graph.input('x', ids), { training: false, source });
      const wanted = numbers((await evaluate({ logits: own.logits }, { x: ids })).logits!);
      expect(apart(await answer(model, weights), wanted)).toBeLessThan(1e-5);
      expect([...parts.taps.keys()].sort()).toEqual(['heads.0', 'heads.1', 'hidden.0', 'hidden.1', 'inner.0', 'inner.1', 'tokens']); // biome-ignore format: one line
    },
  );

  test('one of our own files gives back what it was made of', async () => {
    const { model } = sized({});
    const weights = initialise(model, shape, (name) => random(2, name));
    const graph = new Graph();
    const built = buildModel(model, graph, exportedInputs([2, 9]).open(graph), { training: false, source: weights });
    const parts = (await partsOf(encode(lowered({ logits: built.logits }))))!;
    for (const [name, t] of weights) expect(numbers(parts.weights.get(name)!), name).toEqual(numbers(t));
  });

  test('of more words than there are to be, the first ones are taken', async () => {
    const parts = (await partsOf(fixture('bert-17.onnx'), 30))!;
    expect(parts.weights.get('embeddings.word.weight')!.shape).toEqual([30, 16]);
    expect(parts.structure.counted.vocabulary!.each).toBe(30);
  });

  test('what is built otherwise is not taken for one', async () => {
    for (const file of ['pre-norm-13.onnx', 'pre-norm-17.onnx']) expect(await partsOf(fixture(file)), file).toBeUndefined();
    expect(await partsOf(fixture('gpt-14.onnx'))).toBeUndefined();
    const model = fromBinary(ModelProtoSchema, fixture('bert-17.onnx'));
    const nodes = model.graph!.node;
    const at = nodes.findIndex((node) => node.name === '/encoder/layer.1/attention/key/MatMul');
    const [x] = nodes[at]!.input as [string];
    nodes[at]!.input[0] = 'changed';
    nodes.splice(at, 0, create(NodeProtoSchema, { opType: 'Relu', name: 'changed', input: [x], output: ['changed'] }));
    expect(await partsOf(toBinary(ModelProtoSchema, model))).toBeUndefined();
  });
});
