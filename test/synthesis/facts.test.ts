import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { meanOfTeachers } from '../../src/losses/responses/ensemble.ts';
import { architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { buildModel, initialise } from '../../src/models/build.ts';
import { importModel } from '../../src/models/import.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { relu } from '../../src/ops/activations.ts';
import { conv } from '../../src/ops/conv.ts';
import { add, cast, div, log, max } from '../../src/ops/elementwise.ts';
import { Gemm, matmul } from '../../src/ops/linalg.ts';
import { globalAveragePool } from '../../src/ops/pool.ts';
import { reduceMean } from '../../src/ops/reduce.ts';
import { flatten, reshape, transpose } from '../../src/ops/shape.ts';
import { softmax } from '../../src/ops/softmax.ts';
import { halfTensor } from '../../src/quantise/half/bits.ts';
import { prepare } from '../../src/quantise/prepare/prepare.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { factsOf } from '../../src/synthesis/teacher/read.ts';

const shape = { input: [1, 28, 28], outputs: 10 };

function builtIn(options: object) {
  const model = createModel(architectureSchema.parse(options), shape);
  const graph = new Graph();
  const view = graph.input('view', { dtype: 'float32', shape: [2, ...shape.input] });
  const weights = initialise(model, shape, (name) => random(5, name));
  const noise = random(6, 'running statistics');
  for (const [name, t] of weights) if (name.includes('running')) noise.fillUniform(t.data as Float32Array);
  const { logits } = buildModel(model, graph, view, { training: false, source: weights });
  return { weights, logits, facts: factsOf(model.name, graph, logits) };
}

const turned = ({ shape, data }: Tensor): number[] => {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows * columns }, (_, i) => Number(data[(i % rows) * columns + Math.floor(i / rows)]));
};

describe('facts of models of our own', () => {
  test.each([
    [{ kind: 'lenet5' }, 'fc3.weight', 84, 0],
    [{ kind: 'cnn', channels: [4, 6, 8], batchNorm: true }, 'fc.weight', 8, 3],
    [{ kind: 'cnn', channels: [4, 6, 8], batchNorm: false }, 'fc.weight', 8, 0],
    [{ kind: 'resnet', depth: 8, width: 0.5 }, 'fc.weight', 32, 9],
  ] as const)('%o', (options, head, width, norms) => {
    const { weights, facts } = builtIn(options);
    expect(facts.lastLayer!.shape).toEqual([10, width]);
    expect(Array.from(facts.lastLayer!.data as Float32Array)).toEqual(turned(weights.get(head)!));
    expect(facts.statistics).toHaveLength(norms);
    const means = [...weights].filter(([name]) => name.endsWith('running_mean')).map(([, t]) => t.data);
    const variances = [...weights].filter(([name]) => name.endsWith('running_var')).map(([, t]) => t.data);
    expect(new Set(facts.statistics.map((s) => s.mean.data))).toEqual(new Set(means));
    expect(new Set(facts.statistics.map((s) => s.variance.data))).toEqual(new Set(variances));
    for (const { input, mean } of facts.statistics) expect(mean.shape).toEqual([input.shape[1]]);
    expect(facts.statistics[0]?.input.shape ?? [2, 4, 28, 28]).toEqual([2, norms === 9 ? 8 : 4, 28, 28]);
  });

  test('nothing is read off a graph that trains', () => {
    const graph = new Graph();
    const model = createModel(architectureSchema.parse({ kind: 'cnn' }), shape);
    const view = graph.input('view', { dtype: 'float32', shape: [2, ...shape.input] });
    const { logits } = buildModel(model, graph, view, { training: true, source: 'inputs' });
    expect(factsOf('student', graph, logits)).toEqual({ name: 'student', statistics: [], lastLayer: null });
  });
});

describe('the last layer', () => {
  const rows = [1, 2, 3, 4, 5, 6]; // 3 classes of 2 numbers
  const columns = [1, 3, 5, 2, 4, 6];
  const given = (build: (x: Value, constant: (shape: number[], values: number[]) => Value) => Value) => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [4, 2] });
    return factsOf(
      't',
      graph,
      build(x, (size, values) => graph.constant(tensor('float32', size, values))),
    ).lastLayer;
  };

  test.each<[string, Parameters<typeof given>[0]]>([
    ['a product', (x, c) => matmul(x, c([2, 3], columns))],
    ['a product with a bias', (x, c) => add(c([3], [7, 8, 9]), matmul(x, c([2, 3], columns)))],
    ['with weights by rows', (x, c) => matmul(x, transpose(c([3, 2], rows), [1, 0]))],
    ['in another shape', (x, c) => matmul(x, reshape(c([1, 2, 3], columns), [2, 3]))],
    ['Gemm', (x, c) => Gemm([x, c([2, 3], columns), c([3], [1, 2, 3])], { alpha: 1, beta: 1, transA: 0, transB: 0 })],
    ['Gemm by rows', (x, c) => Gemm([x, c([3, 2], rows)], { alpha: 1, beta: 1, transA: 0, transB: 1 })],
    ['before a temperature', (x, c) => div(matmul(x, c([2, 3], columns)), 4)],
    ['before logarithms of probabilities', (x, c) => log(max(softmax(matmul(x, c([2, 3], columns))), 1e-30))],
    ['before a change of shape', (x, c) => flatten(reshape(matmul(x, c([2, 3], columns)), [4, 3, 1]))],
    [
      'a convolution before means over places',
      (x, c) => softmax(flatten(globalAveragePool(relu(conv(reshape(x, [2, 2, 2, 1]), c([3, 2, 1, 1], rows)))))),
    ],
    [
      'in half precision',
      (x) => {
        const weights = x.graph.constant(halfTensor(tensor('float32', [2, 3], columns)).half);
        return cast(matmul(cast(x, 'float16'), weights), 'float32');
      },
    ],
  ])('%s', (_, build) => {
    const layer = given(build)!;
    expect(layer.dtype).toBe('float32');
    expect(layer.shape).toEqual([3, 2]);
    expect(Array.from(layer.data as Float32Array)).toEqual(rows);
  });

  test('every number of half precision is read', () => {
    const numbers = [2 ** -24, -3 * 2 ** -20, 2 ** -14, -1.5, 65504, 0];
    const layer = given((x) => {
      const weights = x.graph.constant(halfTensor(tensor('float32', [2, 3], numbers)).half);
      return matmul(cast(x, 'float16'), weights);
    });
    expect([0, 2, 4, 1, 3, 5].map((i) => layer!.data[i])).toEqual(numbers);
  });

  test.each<[string, Parameters<typeof given>[0]]>([
    [
      'a mean of teachers',
      (x, c) =>
        meanOfTeachers([matmul(x, c([2, 3], columns)), matmul(x, c([2, 3], rows))], c([1, 2], [0, 0]), 'probabilities', 1),
    ],
    ['classes of different scales', (x, c) => div(matmul(x, c([2, 3], columns)), c([3], [1, 2, 3]))],
    ['no layer at all', (x) => relu(x)],
    [
      'means of pairs of classes',
      (x, c) => reduceMean(reshape(matmul(x, c([2, 6], [...columns, ...rows])), [4, 3, 2]), [2], false),
    ],
    [
      'a convolution in groups',
      (x, c) => globalAveragePool(conv(reshape(x, [2, 4, 1, 1]), c([2, 2, 1, 1], [1, 2, 3, 4]), undefined, { groups: 2 }), false),
    ],
    ['a product of two things that move', (x) => matmul(x, transpose(x, [1, 0]))],
  ])('there is none for %s', (_, build) => {
    expect(given(build)).toBeNull();
  });
});

const files = './data/models';
describe.skipIf(!existsSync(files))(`facts of files in ${files} (npm run data)`, () => {
  const engine = ortNode({ threads: 1 });
  afterAll(() => engine.close());
  const read = async (file: string, logits: string, change = (bytes: Uint8Array) => bytes) => {
    const model = await importModel({ source: file, bytes: change(readFileSync(`${files}/${file}`)) }, engine, { batch: 2 });
    const graph = new Graph();
    const inputs = Object.fromEntries(model.graph.inputs.map((v, i) => [model.inputs[i]!.name, graph.input(`x${i}`, v.type)]));
    const values = model.instantiate(graph, inputs);
    return factsOf(file, graph, flatten(values[logits]!));
  };
  const resnet = 'cifar10_resnet/resnet20_cifar10.onnx';

  test('ResNet-20 as its exporter wrote it', async () => {
    const { statistics, lastLayer } = await read(resnet, 'logits');
    expect(statistics.length).toBeGreaterThanOrEqual(19);
    for (const { input, mean, variance } of statistics) {
      expect([mean.shape, variance.shape]).toEqual([[input.shape[1]], [input.shape[1]]]);
      expect(Math.min(...(variance.data as Float32Array))).toBeGreaterThan(0);
    }
    expect(lastLayer!.shape).toEqual([10, 64]);
  });

  test('with normalisation folded into the convolutions the statistics are gone, and the last layer stays', async () => {
    const whole = await read(resnet, 'logits');
    const folded = await read(resnet, 'logits', (bytes) => writeModel(prepare(bytes)));
    expect(folded.statistics).toEqual([]);
    expect(folded.lastLayer).toEqual(whole.lastLayer);
  });

  test('the last layers of other exporters, in other forms', async () => {
    const digits = await read('mnist_cntk/mnist.onnx', 'Plus214_Output_0');
    expect([digits.lastLayer?.shape, digits.statistics.length]).toEqual([[10, 256], 0]);
    const squeezed = await read('squeezenet_fp16/SqueezeNet_fp16.onnx', 'softmaxout_1');
    expect(squeezed.lastLayer?.shape).toEqual([1000, 512]);
    expect((squeezed.lastLayer!.data as Float32Array).every((w) => Math.abs(w) < 10)).toBe(true);
  });
});
