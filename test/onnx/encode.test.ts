import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadModelFile } from '../../src/data/model-file.ts';
import { Graph, nodeOf, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { encode, encodeExternal } from '../../src/onnx/encode.ts';
import { op } from '../../src/ops/define.ts';
import { add, exp, identity, mul, sub } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { reduceSum, sum } from '../../src/ops/reduce.ts';
import { transpose } from '../../src/ops/shape.ts';
import { numbers, openBytes } from '../support/ort.ts';

const folder = mkdtempSync(join(tmpdir(), 'potstill-encode-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** y = x·w + 1 with a few further outputs. */
function small(): Graph {
  const g = new Graph();
  const x = g.input('x', { dtype: 'float32', shape: ['N', 3] });
  const w = g.constant(tensor('float32', [3, 2], [1, 2, 3, 4, 5, 6]));
  g.names.set('head.weight', w);
  const y = g.scoped('head', () => add(matmul(x, w), 1));
  g.output('y', y);
  g.output('sum', reduceSum(mul(exp(transpose(y, [1, 0])), 2), [0]));
  exp(y);
  return g;
}

const x: Tensor = tensor('float32', [2, 3], [1, 0, 0, 0, 1, 0]);

async function run(bytes: Uint8Array): Promise<Record<string, readonly number[]>> {
  const session = await openBytes(bytes);
  const results = await session.run({ x });
  await session.close();
  return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, numbers(t)]));
}

test('equal graphs give equal bytes', () => {
  expect(Buffer.compare(encode(small()), encode(small()))).toBe(0);
});

test('the bytes of a tiny graph', () => {
  const g = new Graph();
  const a = g.input('a', { dtype: 'float32', shape: ['N', 2] });
  g.output('b', add(a, 1));
  const hex = Buffer.from(encode(g, { metadata: { made: 'here' } })).toString('hex');
  expect(hex.match(/.{1,64}/g)).toMatchInlineSnapshot(`
    [
      "08091208706f747374696c6c3a680a1e0a01610a0a636f6e7374616e745f3012",
      "01621a054164645f30220341646412046d61696e2a141001420a636f6e737461",
      "6e745f304a040000803f5a140a0161120f0a0d080112090a0312014e0a020802",
      "62140a0162120f0a0d080112090a0312014e0a02080242040a001014720c0a04",
      "6d616465120468657265",
    ]
  `);
});

test('only what the outputs need is written, under names that people know', () => {
  const { graph } = readModel(encode(small()));
  const shown = graph.nodes.map((n) => `${n.outputs} = ${n.op}(${n.inputs}) '${n.name}'`);
  expect(shown).toMatchInlineSnapshot(`
    [
      "head/MatMul_0 = MatMul(x,head.weight) 'head/MatMul_0'",
      "y = Add(head/MatMul_0,constant_1) 'head/Add_1'",
      "Transpose_2 = Transpose(y) 'Transpose_2'",
      "Exp_3 = Exp(Transpose_2) 'Exp_3'",
      "Mul_4 = Mul(Exp_3,constant_2) 'Mul_4'",
      "sum = ReduceSum(Mul_4,constant_3) 'ReduceSum_5'",
    ]
  `);
  expect([...graph.initializers.keys()]).toEqual(['head.weight', 'constant_1', 'constant_2', 'constant_3']);
});

test('an order is followed, and must be complete', () => {
  const g = new Graph();
  const x = g.input('x', { dtype: 'float32', shape: [2, 3] });
  const [a, b] = [exp(x), mul(x, 2)];
  g.output('y', add(a, b));
  const nodes = [a, b, g.outputs.get('y')!].map((v: Value) => nodeOf(v)!);
  const order = [nodes[1]!, nodes[0]!, nodes[2]!];
  expect(readModel(encode(g, { order })).graph.nodes.map((n) => n.op)).toEqual(['Mul', 'Exp', 'Add']);
  expect(() => encode(g, { order: order.slice(1) })).toThrow('internal: the order given holds 2 of the 3 nodes');
});

test('outputs that are an input, a constant or a second name are copies', async () => {
  const g = small();
  g.output('again', g.outputs.get('y')!);
  g.output('fed', g.inputs[0]!);
  g.output('weight', g.names.get('head.weight')!);
  const found = await run(encode(g));
  expect(found.again).toEqual(found.y);
  expect(found.fed).toEqual(numbers(x));
  expect(found.weight).toEqual([1, 2, 3, 4, 5, 6]);
});

test('an output may not have the name of an input', () => {
  const g = new Graph();
  g.output('x', identity(g.input('x', { dtype: 'float32', shape: [1] })));
  expect(() => encode(g)).toThrow("output 'x': an input has that name");
});

test('equal small constants are one initializer, and large ones are shared by memory', () => {
  const g = new Graph();
  const x = g.input('x', { dtype: 'float32', shape: [100] });
  const big = tensor('float32', [100], Array<number>(100).fill(0.5));
  const same: Tensor = { ...big, data: big.data.subarray(0) };
  const other = tensor('float32', [100], Array<number>(100).fill(0.5));
  const values = [
    g.constant(big),
    g.constant(same),
    g.constant(other),
    g.constant(tensor('float32', [1], [3])),
    g.constant(tensor('float32', [1], [3])),
  ];
  g.output(
    'y',
    values.reduce((sum, v) => add(sum, v), x),
  );
  expect(readModel(encode(g)).graph.initializers.size).toBe(3);
});

test('views of one memory at different places are different constants', async () => {
  const memory = Float32Array.from({ length: 200 }, (_, i) => i);
  const g = new Graph();
  const x = g.input('x', { dtype: 'float32', shape: [2, 3] });
  const [low, high] = [0, 100].map((at) => g.constant({ dtype: 'float32', shape: [100], data: memory.subarray(at, at + 100) }));
  g.output('y', add(sum(x), sub(sum(high!), sum(low!))));
  expect((await run(encode(g))).y).toEqual([2 + 100 * 100]);
});

test("operators of Potstill's own domain have to be lowered first", () => {
  const own = op({ onnx: 'Special', domain: 'potstill', infer: ([v]) => v!.type, vjp: { stops: 'it is a test' } });
  const g = new Graph();
  g.output('y', own([g.input('x', { dtype: 'float32', shape: [1] })], {}));
  expect(() => encode(g)).toThrow('internal: Special must be lowered');
});

test('weights beside the model compute the same, and are read back from their place', async () => {
  const g = small();
  const wide = g.constant(
    tensor(
      'float32',
      [2, 600],
      Array.from({ length: 1200 }, (_, i) => i / 7),
    ),
  );
  g.output('wide', matmul(g.outputs.get('y')!, wide));
  const { model, data } = encodeExternal(g, { location: 'weights.data', threshold: 16 });
  const path = join(folder, 'model.onnx');
  writeFileSync(path, model);
  writeFileSync(join(folder, 'weights.data'), Buffer.concat(data));
  expect(Buffer.from(model).includes('head.weight')).toBe(true);
  expect(model.byteLength).toBeLessThan(2000);

  const file = loadModelFile(path);
  const back = readModel(file.bytes, file);
  expect(numbers(back.graph.initializers.get('head.weight')!)).toEqual([1, 2, 3, 4, 5, 6]);
  const { InferenceSession, Tensor: OrtTensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(path);
  const results = await session.run({ x: new OrtTensor('float32', x.data as Float32Array, [2, 3]) });
  const expected = await run(encode(g));
  for (const [name, t] of Object.entries(results)) expect([...(t.data as Float32Array)]).toEqual(expected[name]);
  await session.release();
});

test('without a threshold to reach, no weights file is needed', () => {
  const { model, data } = encodeExternal(small(), { location: 'weights.data' });
  expect(data).toEqual([]);
  expect(Buffer.compare(model, encode(small()))).toBe(0);
});
