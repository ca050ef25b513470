import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { loadModelFile } from '../../src/data/model-file.ts';
import { Graph, inputName } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { type ImportedModel, importModel } from '../../src/models/import.ts';
import { describeInspection, inspect } from '../../src/models/inspect.ts';
import type { Sizes } from '../../src/models/sizes.ts';
import { encode } from '../../src/onnx/encode.ts';
import { mean, sum } from '../../src/ops/reduce.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { evaluate, numbers, openBytes } from '../support/ort.ts';
import { type FileParts, graphFields, type ModelFields, modelFile } from './file.ts';
import { sampleOf } from './samples.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

const importFile = (opset: number, parts: FileParts, sizes: Sizes = {}, rest: ModelFields = {}): Promise<ImportedModel> =>
  importModel({ source: 'm.onnx', bytes: modelFile(opset, parts, rest) }, engine, sizes);

const row = { dtype: 'float32', shape: ['batch', 4] } as const;
const i64 = (...values: number[]): Tensor => tensor('int64', [values.length], values);

/** relu(x·w + b), twice; the second layer without a bias. */
const mlp: FileParts = {
  inputs: { x: row },
  constants: {
    'fc1.weight': tensor(
      'float32',
      [4, 3],
      Array.from({ length: 12 }, (_, i) => Math.cos(i)),
    ),
    'fc1.bias': tensor('float32', [3], [0.1, 0.2, 0.3]),
    'fc2.weight': tensor('float32', [3, 2], [1, -1, 0.5, 2, -2, 0.25]),
  },
  nodes: [
    { op: 'MatMul', inputs: ['x', 'fc1.weight'], outputs: ['p'] },
    { op: 'Add', inputs: ['p', 'fc1.bias'], outputs: ['q'] },
    { op: 'Relu', inputs: ['q'], outputs: ['hidden'] },
    { op: 'MatMul', inputs: ['hidden', 'fc2.weight'], outputs: ['logits'] },
  ],
  outputs: ['logits'],
};

/** What a graph computes must be what its file computes. */
async function requireSame(model: ImportedModel, file: Uint8Array, opset?: number): Promise<void> {
  const [before, after] = [await openBytes(file), await openBytes(encode(model.graph, { ...(opset && { opset }) }))];
  const feeds = Object.fromEntries(model.graph.inputs.map((v) => [inputName(v)!, sampleOf(v.type)]));
  const [expected, found] = [await before.run(feeds), await after.run(feeds)];
  for (const [name, t] of Object.entries(expected)) expect(numbers(found[name]!)).toEqual(numbers(t));
  await Promise.all([before.close(), after.close()]);
}

test('says what is in a file', async () => {
  const model = await importFile(17, mlp, { batch: 5 });
  expect(model).toMatchObject({ outputs: ['logits'], parameterCount: 21, opset: 17, unsupported: [] });
  expect(model.inputs).toEqual([{ name: 'x', ...row }]);
  expect(model.parameters.map((p) => p.name)).toEqual(['fc1.weight', 'fc1.bias', 'fc2.weight']);
  expect(model.taps).toEqual([
    { name: 'p', dtype: 'float32', shape: [5, 3], op: 'MatMul' },
    { name: 'q', dtype: 'float32', shape: [5, 3], op: 'Add' },
    { name: 'hidden', dtype: 'float32', shape: [5, 3], op: 'Relu' },
    { name: 'logits', dtype: 'float32', shape: [5, 2], op: 'MatMul' },
  ]);
});

test('other sizes are made once', async () => {
  const model = await importFile(17, mlp);
  expect(await model.resized({ batch: 1 })).toBe(model);
  const [a, b] = await Promise.all([model.resized({ batch: 3 }), model.resized({ shapes: { x: [3, 4] } })]);
  expect(a).toBe(b);
  expect(a.graph.outputs.get('logits')!.shape).toEqual([3, 2]);
});

test.each<[string, Sizes, string]>([
  ['an unknown input', { shapes: { y: [1] } }, "m.onnx: sizes for the input 'y', which it does not have; its inputs are x"],
  ['a fixed size', { shapes: { x: [2, 5] } }, "m.onnx: input 'x' is [batch,4]; [2,5] was asked for"],
])('refuses sizes: %s', async (_, sizes, message) => {
  await expect(importFile(17, mlp, sizes)).rejects.toThrow(message);
});

test('an open size has to be given', async () => {
  const parts: FileParts = { ...mlp, inputs: { x: { dtype: 'float32', shape: ['batch', 'T', 4] } } };
  await expect(importFile(17, parts)).rejects.toThrow("m.onnx: 'T' of input 'x' is open; give the sizes");
  expect((await importFile(17, parts, { dims: { T: 7 } })).graph.outputs.get('logits')!.shape).toEqual([1, 7, 2]);
});

test('sizes that the model cannot run with are named', async () => {
  const parts: FileParts = { ...mlp, inputs: { x: { dtype: 'float32', shape: ['batch', 'D'] } } };
  await expect(importFile(17, parts, { dims: { D: 5 } })).rejects.toThrow('m.onnx: it does not run with x [1,5]: ');
});

test('shapes that a file computes become constants', async () => {
  const parts: FileParts = {
    inputs: { x: { dtype: 'float32', shape: ['batch', 'T', 4] } },
    constants: { zero: i64(0), two: i64(2), rest: i64(-1), half: tensor('float32', [], [0.5]) },
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
      { op: 'Mul', inputs: ['n', 'two'], outputs: ['2n'] },
      { op: 'Concat', inputs: ['2n', 'rest'], outputs: ['to'], attrs: { axis: { kind: 'int', value: 0 } } },
      { op: 'Reshape', inputs: ['x', 'to'], outputs: ['y'] },
    ],
    outputs: ['y'],
  };
  const model = await importFile(17, parts, { batch: 3, dims: { T: 2 } });
  expect(model.graph.outputs.get('y')!.shape).toEqual([6, 4]);
  await requireSame(model, modelFile(17, parts));
});

const branch = (factor: number): ReturnType<typeof graphFields> =>
  graphFields({
    constants: { k: tensor('float32', [], [factor]) },
    nodes: [
      { op: 'Mul', inputs: ['x', 'k'], outputs: ['scaled'] },
      { op: 'Add', inputs: ['scaled', 'q'], outputs: ['inner'] },
    ],
    outputs: ['inner'],
  });
const choice = (condition: string): FileParts => ({
  inputs: { x: { dtype: 'float32', shape: [2, 3] }, ...(condition === 'flag' && { flag: { dtype: 'bool', shape: [] } }) },
  constants: { four: tensor('int64', [], [4]), one: tensor('float32', [], [1]) },
  nodes: [
    { op: 'Size', inputs: ['x'], outputs: ['size'] },
    { op: 'Greater', inputs: ['size', 'four'], outputs: ['large'] },
    { op: 'Exp', inputs: ['x'], outputs: ['q'] },
    {
      op: 'If',
      inputs: [condition],
      outputs: ['y'],
      attrs: { then_branch: { kind: 'graph', value: branch(2) }, else_branch: { kind: 'graph', value: branch(-3) } },
    },
    { op: 'Add', inputs: ['y', 'one'], outputs: ['z'] },
  ],
  outputs: ['z'],
});

test('a branch that follows from the sizes is taken', async () => {
  const model = await importFile(17, choice('large'));
  expect(model.unsupported).toEqual([]);
  await requireSame(model, modelFile(17, choice('large')));
});

describe('a branch that depends on an input', () => {
  test('stays as it is', async () => {
    const model = await importFile(17, choice('flag'));
    expect(model.unsupported).toEqual([{ op: 'If', reason: 'branches are not differentiated', count: 1, nodes: ['y'] }]);
    await requireSame(model, modelFile(17, choice('flag')), 17);
  });

  test('finds the values around it under their new names, twice in one graph', async () => {
    const model = await importFile(17, choice('flag'));
    const g = new Graph();
    const x = g.input('inner', { dtype: 'float32', shape: [2, 3] });
    const flag = g.input('scaled.1', { dtype: 'bool', shape: [] });
    g.output('a', model.instantiate(g, { x, flag }).z!);
    g.output('b', model.instantiate(g, { x, flag }, { label: 'again' }).y!);
    const session = await openBytes(encode(g, { opset: 17 }));
    const results = await session.run({ inner: sampleOf(x.type), 'scaled.1': tensor('bool', [], [1]) });
    const expected = numbers(sampleOf(x.type)).map((v) => 2 * v + Math.exp(v));
    for (const [i, v] of expected.entries()) {
      expect(numbers(results.b!)[i]).toBeCloseTo(v, 5);
      expect(numbers(results.a!)[i]).toBeCloseTo(v + 1, 5);
    }
    await session.close();
  });

  test('is an error by name where a gradient has to pass', async () => {
    const model = await importFile(17, choice('flag'));
    const g = new Graph();
    const x = g.input('x', { dtype: 'float32', shape: [2, 3] });
    const { z } = model.instantiate(g, { x, flag: g.input('flag', { dtype: 'bool', shape: [] }) });
    expect(() => grad(mean(z!), [x])).toThrow('If: no gradient (branches are not differentiated)');
  });
});

test('functions of the file are expanded', async () => {
  const parts: FileParts = {
    inputs: { x: row },
    constants: { one: tensor('float32', [], [1]) },
    nodes: [
      { op: 'Scaled', domain: 'own', inputs: ['x'], outputs: ['a'], attrs: { slope: { kind: 'float', value: 0.25 } } },
      { op: 'Scaled', domain: 'own', inputs: ['a'], outputs: ['y'] },
    ],
    outputs: ['y'],
  };
  const rest: ModelFields = {
    irVersion: 9n,
    opsetImport: [{ version: 17n }, { domain: 'own', version: 1n }],
    functions: [
      {
        name: 'Scaled',
        domain: 'own',
        input: ['v'],
        output: ['w'],
        opsetImport: [{ version: 17n }],
        attributeProto: [{ name: 'slope', type: 1, f: 0.5 }],
        node: [
          { opType: 'LeakyRelu', input: ['v'], output: ['x'], attribute: [{ name: 'alpha', type: 1, refAttrName: 'slope' }] },
          { opType: 'Neg', input: ['x'], output: ['w'] },
        ],
      },
    ],
  };
  const model = await importFile(17, parts, { batch: 2 }, rest);
  expect(model.unsupported).toEqual([]);
  await requireSame(model, modelFile(17, parts, rest));
});

test('an imported model trains where it is told to, and is constant elsewhere', async () => {
  const model = await importFile(17, mlp, { batch: 2 });
  const g = new Graph();
  const x = g.input('x', { dtype: 'float32', shape: [2, 4] });
  const student = model.instantiate(
    g,
    { x },
    {
      trainable: (name) => name === 'fc1.weight',
      param: (name, t) => g.input(name, { dtype: t.dtype, shape: t.shape }),
    },
  );
  const weight = g.inputs.find((v) => inputName(v) === 'fc1.weight')!;
  expect(g.inputs.map(inputName)).toEqual(['x', 'fc1.weight']);
  const loss = sum(student.logits!);
  const [d] = grad(loss, [weight]);
  const feeds = { x: sampleOf(x.type), 'fc1.weight': mlp.constants!['fc1.weight']! };
  const found = await evaluate({ loss, d: d! }, feeds);
  const step = 1e-2;
  const moved = feeds['fc1.weight'].data.slice() as Float32Array;
  moved[4]! += step;
  const after = await evaluate({ loss }, { ...feeds, 'fc1.weight': { ...feeds['fc1.weight'], data: moved } });
  expect((numbers(after.loss!)[0]! - numbers(found.loss!)[0]!) / step).toBeCloseTo(numbers(found.d!)[4]!, 2);
  expect(() => model.instantiate(g, { x: g.scalar(1) })).toThrow("internal: input 'x' needs float32[2,4], got float32[]");
});

describe('a batch that the file fixes to 1', () => {
  const parts = (shape: Tensor, op = 'Relu'): FileParts => ({
    inputs: { x: { dtype: 'float32', shape: [1, 2, 3] } },
    constants: {
      shape,
      w: tensor(
        'float32',
        [6, 2],
        Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      ),
    },
    nodes: [
      { op, inputs: ['x'], outputs: ['h'], ...(op === 'Softmax' && { attrs: { axis: { kind: 'int', value: 0 } } }) },
      { op: 'Reshape', inputs: ['h', 'shape'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'w'], outputs: ['y'] },
    ],
    outputs: ['y'],
  });

  test('is opened where examples are independent', async () => {
    const model = await importFile(17, parts(i64(1, 6)), { batch: 5 });
    expect(model.graph.outputs.get('y')!.shape).toEqual([5, 2]);
    const same = await importFile(17, parts(i64(1, 6)), { shapes: { x: [3, 2, 3] } });
    expect(same.graph.outputs.get('y')!.shape).toEqual([3, 2]);
  });

  test('is not opened when it is not 1', async () => {
    const two: FileParts = { ...parts(i64(2, 6)), inputs: { x: { dtype: 'float32', shape: [2, 2, 3] } } };
    await expect(importFile(17, two, { shapes: { x: [5, 2, 3] } })).rejects.toThrow(
      "the file fixes the first axis of 'x' to 2; give that size",
    );
  });

  test.each([
    ['a mix of examples', parts(i64(1, 6), 'Softmax'), 'examples influence each other'],
    ['a shape that does not begin with the batch', parts(i64(6)), "its output 'y' is ["],
  ])('is left where there is %s', async (_, file, message) => {
    const wanted = importFile(17, file, { batch: 5 });
    await expect(wanted).rejects.toMatchObject({ code: 'fixed-batch' });
    await expect(wanted).rejects.toThrow(message);
    await expect(wanted).rejects.toThrow('run it example by example');
  });

  const path = './data/models/mnist_cntk/mnist.onnx';
  test.skipIf(!existsSync(path))(`is opened for ${path}`, async () => {
    const model = await importModel(loadModelFile(path), engine, { batch: 7 });
    expect(model.graph.outputs.get('Plus214_Output_0')!.shape).toEqual([7, 10]);
  });
});

test('an inspection is plain data, with N for the batch', async () => {
  const seen = await inspect({ source: 'm.onnx', bytes: modelFile(17, mlp) }, engine);
  expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
  expect(seen.macs).toEqual({ total: 18, byOperator: { MatMul: 18 } });
  expect(seen.taps.map((t) => t.shape)).toEqual([
    ['N', 3],
    ['N', 3],
    ['N', 3],
    ['N', 2],
  ]);
  expect(describeInspection(seen)).toMatchInlineSnapshot(`
    "  file         m.onnx
      size         335 bytes
      opset        17
      parameters   21 in 3 tensors
      MACs         18 an example (MatMul 18)
      operators    MatMul 2, Add 1, Relu 1
      batch norms  none (never there, or folded into convolutions)

    Inputs
      x  float32  [N,4]

    Outputs
      logits  float32  [N,2]

    Parameters
      fc1.weight  [4,3]  12
      fc1.bias    [3]    3
      fc2.weight  [3,2]  6

    Roles
      logits     logits  [N,2]
      embedding  hidden  [N,3]

    Tensors that can be tapped
      p       MatMul  [N,3]
      q       Add     [N,3]
      hidden  Relu    [N,3]
      logits  MatMul  [N,2]

    No gradient passes through
      (every operator can be differentiated)"
  `);
});

test('an inspection says which operators stop a gradient, and why', async () => {
  const seen = await inspect({ source: 'm.onnx', bytes: modelFile(17, choice('flag')) }, engine);
  expect(describeInspection(seen)).toContain('If ×1  branches are not differentiated');
});
