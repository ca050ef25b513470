import { afterAll, expect, test } from 'vitest';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { importModel } from '../../src/models/import.ts';
import { trainedWeights } from '../../src/models/trained-weights.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { type FileParts, modelFile } from '../onnx/file.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const made = (dims: readonly number[], of: (i: number) => number): Tensor =>
  tensor('float32', dims, Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => of(i))); // biome-ignore format: one call
const weights = (...dims: number[]): Tensor => made(dims, (i) => Math.sin(7 * i + dims[0]!));
const ints = (...values: number[]): Tensor => tensor('int64', [values.length], values);

const parts: FileParts = {
  inputs: { x: { dtype: 'float32', shape: ['N', 4, 6] } },
  constants: {
    mean: weights(6),
    'onnx::MatMul_12': weights(6, 8),
    'up.bias': weights(8),
    '345': weights(8, 6),
    positions: weights(4, 6),
    waves: made([4, 6], (i) => (i % 2 ? Math.cos : Math.sin)(Math.floor(i / 6) / 10 ** ((i % 6) / 3))),
    causal: made([4, 4], (i) => (i % 4 > i / 4 ? -1e9 : 0)),
    kept: made([4, 4], (i) => Number(i % 4 <= i / 4)),
    zeros: made([6, 6], () => 0),
    again: weights(6, 8),
    turned: made([8, 6], (i) => Math.sin(7 * ((i % 6) * 8 + Math.floor(i / 6)) + 6)),
    exponents: tensor('float32', [6], [1, 1, 2, 1, 1, 1]),
    half: tensor('float32', [], [0.5]),
    perm: ints(0, 2, 1),
  },
  nodes: [
    { op: 'Sub', inputs: ['x', 'mean'], outputs: ['a'] },
    { op: 'MatMul', inputs: ['a', 'onnx::MatMul_12'], outputs: ['b'] },
    { op: 'Add', inputs: ['up.bias', 'b'], outputs: ['c'] },
    { op: 'Relu', inputs: ['c'], outputs: ['c1'] },
    { op: 'MatMul', inputs: ['c1', '345'], outputs: ['/net/down/MatMul'] },
    { op: 'Add', inputs: ['/net/down/MatMul', 'positions'], outputs: ['d'] },
    { op: 'Add', inputs: ['d', 'waves'], outputs: ['e'] },
    { op: 'MatMul', inputs: ['causal', 'e'], outputs: ['f'] },
    { op: 'MatMul', inputs: ['kept', 'f'], outputs: ['g'] },
    { op: 'MatMul', inputs: ['g', 'zeros'], outputs: ['h'] },
    { op: 'Pow', inputs: ['h', 'exponents'], outputs: ['i'] },
    { op: 'MatMul', inputs: ['i', 'again'], outputs: ['j'] },
    { op: 'MatMul', inputs: ['j', 'turned'], outputs: ['k'] },
    { op: 'Mul', inputs: ['k', 'half'], outputs: ['y'] },
  ],
  outputs: ['y'],
};

test('weights are told from settings, masks and tables of sines, tied ones are one, and numbers get the name of their layer', async () => {
  const model = await importModel({ source: 'm.onnx', bytes: modelFile(13, parts) }, engine);
  const found = trainedWeights(model.graph, model.initializers);
  expect(Object.fromEntries(found.map((w) => [w.name, w.places.map((p) => p.file + (p.transposed ? ' turned' : ''))]))).toEqual({
    'up.weight': ['onnx::MatMul_12', 'again', 'turned turned'],
    'up.bias': ['up.bias'],
    'net.down.weight': ['345'],
    positions: ['positions'],
    zeros: ['zeros'],
  });
  expect(found.every((w) => !w.running)).toBe(true);
});
