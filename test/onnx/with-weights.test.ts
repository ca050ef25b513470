import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { expect, test } from 'vitest';
import { loadModelFile } from '../../src/data/model-file.ts';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { encode } from '../../src/onnx/encode.ts';
import { externalTensorProto } from '../../src/onnx/tensor.ts';
import { withWeights } from '../../src/onnx/with-weights.ts';
import { add } from '../../src/ops/elementwise.ts';
import { numbers, openBytes } from '../support/ort.ts';
import { graphFields, type ModelFields, modelFile } from './file.ts';

const f32 = (...values: number[]): Tensor => tensor('float32', [values.length], values);
const parts = {
  inputs: { x: { dtype: 'float32', shape: ['batch', 2] } },
  constants: { w: f32(1, 2) },
  nodes: [
    { op: 'Constant', inputs: [], outputs: ['c'], attrs: { value: { kind: 'tensor', value: f32(10, 20) } } },
    { op: 'Mul', inputs: ['x', 'w'], outputs: ['p'] },
    { op: 'Add', inputs: ['p', 'c'], outputs: ['y'] },
  ],
  outputs: ['y'],
} as const;
/** w lies in another file, the constant after it in the model. */
const outside = (bytes: number): ModelFields => ({
  graph: {
    ...graphFields(parts),
    initializer: [
      externalTensorProto({ ...f32(), shape: [bytes / 4] }, 'w', { location: 'weights.bin', offset: 0, length: bytes }),
    ],
  },
});
const x = tensor('float32', [2, 2], [1, 1, 2, 3]);

async function outputsOf(bytes: Uint8Array): Promise<readonly number[]> {
  const session = await openBytes(bytes);
  const { y } = await session.run({ x });
  await session.close();
  return numbers(y!);
}

test('other numbers in initializers and Constant nodes, and nothing else is new', async () => {
  const bytes = modelFile(13, parts, { producerName: 'somebody', metadataProps: [{ key: 'a', value: 'b' }] });
  const written = withWeights({ source: 'm.onnx', bytes }, new Map([['w', f32(3, 4)], ['c', f32(-1, -2)]])); // biome-ignore format: one call
  expect(await outputsOf(bytes)).toEqual([11, 22, 12, 26]);
  expect(await outputsOf(written)).toEqual([2, 2, 5, 10]);
  const [before, after] = [fromBinary(ModelProtoSchema, bytes), fromBinary(ModelProtoSchema, written)];
  expect(after.producerName).toBe('somebody');
  expect(after.metadataProps).toEqual(before.metadataProps);
  expect(after.graph!.input).toEqual(before.graph!.input);
});

test('numbers that an old file keeps in a list of floats are gone with them', async () => {
  const listed = { name: 'w', dims: [2n], dataType: 1, floatData: [1, 2] };
  const bytes = modelFile(13, parts, { graph: { ...graphFields(parts), initializer: [listed] } });
  const written = withWeights({ source: 'm.onnx', bytes }, new Map([['w', f32(3, 4)]]));
  expect(await outputsOf(bytes)).toEqual([11, 22, 12, 26]);
  expect(await outputsOf(written)).toEqual([13, 24, 16, 32]);
  expect(fromBinary(ModelProtoSchema, written).graph!.initializer[0]!.floatData).toEqual([]);
});

test('weights of other files come inside, those that stay as they are too', async () => {
  const memory = new Uint8Array(f32(5, 6).data.buffer as ArrayBuffer);
  const file = { source: 'm.onnx', bytes: modelFile(13, parts, outside(8)), readExternal: () => memory };
  expect(await outputsOf(withWeights(file, new Map()))).toEqual([15, 26, 20, 38]);
  expect(await outputsOf(withWeights(file, new Map([['w', f32(0, 1)]])))).toEqual([10, 21, 10, 23]);
});

test('what is missing, or larger than a file can be, is named', () => {
  const bytes = modelFile(13, parts);
  const file = { source: 'm.onnx', bytes };
  expect(() => withWeights(file, new Map([['v', f32(1)]]))).toThrow("m.onnx: it has no weights called 'v' to be replaced");
  expect(() => withWeights(file, new Map([['w', f32(1)]]))).toThrow("m.onnx: 'w' is [2]; [1] was to be written there");

  const apart = { source: 'm.onnx', bytes: modelFile(13, parts, outside(8)) };
  expect(() => withWeights(apart, new Map())).toThrow(
    "its weights are in the file 'weights.bin'; load the model from its folder",
  );
  const gone = { ...apart, readExternal: () => { throw new Error('ENOENT'); } }; // biome-ignore format: one object
  expect(() => withWeights(gone, new Map())).toThrow("the weights file 'weights.bin' cannot be read: ENOENT");

  // Zeros that are never touched take no memory.
  const large = 3_000_000_000;
  const huge = { source: 'm.onnx', bytes: modelFile(13, parts, outside(large)), readExternal: () => new Uint8Array(large) };
  expect(() => withWeights(huge, new Map())).toThrow(
    'm.onnx: with its weights inside it has 3.0 GB, and one ONNX file holds 2.1 GB',
  );
  const graph = new Graph();
  const weights = graph.constant({ dtype: 'float32', shape: [large / 4], data: new Float32Array(large / 4) });
  graph.output('y', add(graph.input('x', { dtype: 'float32', shape: [] }), weights));
  expect(() => encode(graph)).toThrow("the graph 'main': with its weights inside it has 3.0 GB");
});

test('a file of 3 GB is refused before it is read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'potstill-large-'));
  const path = join(folder, 'm.onnx');
  const handle = openSync(path, 'w');
  ftruncateSync(handle, 3_000_000_000);
  closeSync(handle);
  expect(() => loadModelFile(path)).toThrow(/found a file of 3\.0 GB|a file of 3\.0 GB/);
  rmSync(folder, { recursive: true });
});
