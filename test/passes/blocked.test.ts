import { expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { relu } from '../../src/ops/activations.ts';
import { conv } from '../../src/ops/conv.ts';
import type { Target } from '../../src/ops/define.ts';
import { add, mul, sub } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { batchNormTrain } from '../../src/ops/norm.ts';
import { globalAveragePool } from '../../src/ops/pool.ts';
import { sum } from '../../src/ops/reduce.ts';
import { transpose } from '../../src/ops/shape.ts';
import { softmax } from '../../src/ops/softmax.ts';
import { lower } from '../../src/passes/lower.ts';
import { blockOfProcessor, type Feeds, numbers, openGraph } from '../support/ort.ts';

const plain: Target = { provider: 'cpu', block: 0 };
const blocked: Target = { provider: 'cpu', block: await blockOfProcessor() };

const values = (shape: readonly number[], purpose: string): Tensor => {
  const data = new Float32Array(sizeOf(shape));
  random(5, purpose).fillNormal(data);
  return { dtype: 'float32', shape, data };
};

/** One training step of two residual blocks, the second with a stride and a projection. */
function trainingStep(): { readonly graph: Graph; readonly feeds: Feeds } {
  const graph = new Graph();
  const feeds: Record<string, Tensor> = {};
  const parameters: Value[] = [];
  const input = (name: string, shape: readonly number[]): Value => {
    feeds[name] = values(shape, name);
    return graph.input(name, { dtype: 'float32', shape });
  };
  const parameter = (name: string, ...shape: number[]): Value => {
    const v = input(name, shape);
    parameters.push(v);
    return v;
  };
  const layer = (name: string, x: Value, channels: number, kernel: number, stride: number): Value => {
    const w = parameter(name, channels, x.shape[1] as number, kernel, kernel);
    const y = conv(x, mul(w, 0.2), undefined, { stride, padding: (kernel - 1) / 2 });
    return batchNormTrain(y, parameter(`${name}.scale`, channels), parameter(`${name}.bias`, channels)).y;
  };
  const x = input('x', [16, 3, 8, 8]);
  const stem = relu(layer('stem', x, 16, 3, 1));
  const a = relu(add(layer('a2', relu(layer('a1', stem, 16, 3, 1)), 16, 3, 1), stem));
  const b = relu(add(layer('b2', relu(layer('b1', a, 32, 3, 2)), 32, 3, 1), layer('shortcut', a, 32, 1, 2)));
  const y = matmul(globalAveragePool(b, false), parameter('head', 32, 5));
  const loss = sum(mul(y, graph.constant(values([16, 5], 'weights'))));
  grad(loss, parameters).forEach((g, i) => {
    graph.output(`next ${i}`, sub(parameters[i]!, mul(g, 0.01)));
  });
  graph.output('loss', loss);
  return { graph, feeds };
}

const countOf = (graph: Graph, onnx: string, domain = ''): number =>
  graph.nodes.filter((n) => n.op.onnx === onnx && n.op.domain === domain).length;
const nchwc = 'com.microsoft.nchwc';

async function run(graph: Graph, feeds: Feeds): Promise<Readonly<Record<string, Tensor>>> {
  const session = await openGraph(graph);
  const results = await session.run(feeds);
  await session.close();
  return results;
}

const far = (a: Tensor, b: Tensor): number => {
  const [p, q] = [numbers(a), numbers(b)];
  const scale = Math.max(...q.map(Math.abs), 1e-3);
  return Math.max(...p.map((v, i) => Math.abs(v - q[i]!))) / scale;
};

test('a training step in blocks gives what it gives without them', async () => {
  const { graph, feeds } = trainingStep();
  const wanted = await run(lower(graph, plain), feeds);
  const got = await run(lower(graph, blocked), feeds);
  for (const [name, t] of Object.entries(wanted)) expect(far(got[name]!, t), name).toBeLessThan(1e-5);
});

test('a network stays in blocks from the first convolution to the head', () => {
  const lowered = lower(trainingStep().graph, { provider: 'cpu', block: 16 });
  const plainReorders = lowered.nodes.filter(
    (n) => n.op.domain === nchwc && /^Reorder/.test(n.op.onnx) && n.attrs.channels_last === 0,
  );
  const images = plainReorders.filter((n) => (n.outputs[0]!.shape[0] as number) === 16);
  expect(images).toEqual([]);
  expect(countOf(lowered, 'Conv')).toBe(0);
  // What follows a convolution is done by it: sums and activations have no pass of their own.
  expect(countOf(lowered, 'Relu')).toBe(0);
  const whole = lowered.nodes.filter(
    (n) => n.op.onnx === 'Add' && n.outputs[0]!.shape.length === 4 && n.outputs[0]!.shape[0] === 16,
  );
  expect(whole).toEqual([]);
});

test('weights that never change stay in the plain form', () => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [16, 16, 4, 4] });
  graph.output('y', conv(x, graph.constant(values([16, 16, 3, 3], 'w'))));
  expect(countOf(lower(graph, { provider: 'cpu', block: 16 }), 'Conv')).toBe(1);
});

test('what is computed twice is computed once', () => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [4, 3] });
  graph.output('y', sub(softmax(mul(x, 0.5), 1), mul(softmax(mul(x, 0.5), 1), 0.25)));
  const lowered = lower(graph, plain);
  expect(countOf(lowered, 'Softmax')).toBe(1);
  expect(countOf(lowered, 'Mul')).toBe(2);
});

test('momentum enters the product that gives the gradient of a weight matrix', async () => {
  const graph = new Graph();
  const [a, g, m] = [
    graph.input('a', { dtype: 'float32', shape: [4, 3] }),
    graph.input('g', { dtype: 'float32', shape: [4, 2] }),
    graph.input('m', { dtype: 'float32', shape: [3, 2] }),
  ];
  graph.output('next', add(mul(m, 0.9), matmul(transpose(a, [1, 0]), g)));
  const lowered = lower(graph, plain);
  expect(lowered.nodes.map((n) => n.op.onnx)).toEqual(['Gemm']);
  const feeds = { a: values([4, 3], 'a'), g: values([4, 2], 'g'), m: values([3, 2], 'm') };
  const [A, G, M] = [numbers(feeds.a), numbers(feeds.g), numbers(feeds.m)];
  const wanted = M.map(
    (v, i) => 0.9 * v + [0, 1, 2, 3].reduce((s, k) => s + A[k * 3 + Math.floor(i / 2)]! * G[k * 2 + (i % 2)]!, 0),
  );
  expect(far((await run(lowered, feeds)).next!, tensor('float32', [3, 2], wanted))).toBeLessThan(1e-6);
});

test('a product that something else reads as well is left alone', () => {
  const graph = new Graph();
  const a = graph.input('a', { dtype: 'float32', shape: [3, 3] });
  const product = matmul(a, a);
  graph.output('product', product);
  graph.output('sum', add(product, a));
  expect(lower(graph, plain).nodes.map((n) => n.op.onnx)).toEqual(['MatMul', 'Add']);
});

test('scaling the weights of a pointwise convolution takes the axes of size 1 off first', async () => {
  const graph = new Graph();
  const w = graph.input('w', { dtype: 'float32', shape: [64, 32, 1, 1] });
  graph.output('y', mul(w, 0.5));
  const lowered = lower(graph, plain);
  expect(lowered.nodes.find((n) => n.op.onnx === 'Mul')!.outputs[0]!.shape).toEqual([2048]);
  const feeds = { w: values([64, 32, 1, 1], 'w') };
  const { y } = await run(lowered, feeds);
  expect(y!.shape).toEqual([64, 32, 1, 1]);
  expect(numbers(y!)).toEqual(numbers(feeds.w).map((v) => v * 0.5));
});
