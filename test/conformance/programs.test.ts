import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type DType, tensor } from '../../src/graph/type.ts';
import { conv } from '../../src/ops/conv.ts';
import { op } from '../../src/ops/define.ts';
import { add, cast, exp, floor, greater, log, mul, neg, sigmoid, stopGradient, sub, tanh } from '../../src/ops/elementwise.ts';
import { pick } from '../../src/ops/gather.ts';
import { linear, MatMul, matmul } from '../../src/ops/linalg.ts';
import { batchNormTrain, groupNorm, layerNorm, rmsNorm, runningStatistics } from '../../src/ops/norm.ts';
import { averagePool, globalAveragePool, maxPool } from '../../src/ops/pool.ts';
import { fakeQuantize } from '../../src/ops/quantize.ts';
import { logSumExp, mean, reduceMax, reduceMean, reduceSum, sum, variance } from '../../src/ops/reduce.ts';
import { expand, flatten, reshape, transpose } from '../../src/ops/shape.ts';
import { logSoftmax, softmax } from '../../src/ops/softmax.ts';
import { rebuild } from '../../src/passes/copy.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { apart, checkSample, floats, type Input, type Precision, type Sample } from './check.ts';

interface Program {
  readonly inputs: readonly Input[];
  readonly build: (...inputs: Value[]) => Value | readonly Value[];
  readonly precisions?: readonly Precision[];
  /** One of the operators that the program uses. */
  readonly of: Sample['of'];
}

/** What single operators cannot show: cotangents that add up, repeat, shrink and pass through several rules. */
const programs: Readonly<Record<string, Program>> = {
  square: { of: mul.op, inputs: [floats(3)], build: (x) => mul(x, x) },
  diamond: {
    of: add.op,
    inputs: [floats(3)],
    build: (x) => {
      const y = tanh(x);
      return add(mul(y, 2), exp(y));
    },
  },
  'a value used by its own descendants': {
    of: mul.op,
    inputs: [floats(3)],
    build: (x) => {
      const y = sigmoid(x);
      return mul(mul(y, x), add(y, x));
    },
  },
  'a bias repeated over rows': {
    of: add.op,
    inputs: [floats(2, 3), floats(3, 2), floats(2)],
    build: (x, w, b) => linear(x, w, b),
  },
  'a scalar repeated everywhere': { of: mul.op, inputs: [floats(2, 3), floats()], build: (x, s) => mul(x, s) },
  'means, then products': { of: mul.op, inputs: [floats(2, 3)], build: (x) => mul(reduceMean(x, [1]), x) },
  'a mean of a mean': { of: mul.op, inputs: [floats(2, 3)], build: (x) => mean(mul(reduceMean(x, [1], false), 3)) },
  'a lazy cotangent that a repeated operand needs in full': {
    of: add.op,
    inputs: [floats(2, 3), floats(3), floats(2, 1)],
    build: (x, b, c) => mean(add(add(x, b), c)),
  },
  'a lazy cotangent through a transpose': { of: mul.op, inputs: [floats(2, 3)], build: (x) => mean(transpose(exp(x), [1, 0])) },
  'a lazy cotangent through a reshape': { of: mul.op, inputs: [floats(2, 3)], build: (x) => sum(reshape(mul(x, x), [3, 2])) },
  'a lazy cotangent into a product': { of: MatMul, inputs: [floats(2, 3), floats(3, 2)], build: (a, b) => mean(matmul(a, b)) },
  'an expanded value': { of: mul.op, inputs: [floats(1, 3)], build: (x) => mul(expand(x, [2, 3]), expand(x, [2, 3])) },
  'cross entropy by hand': {
    of: sub.op,
    inputs: [floats(2, 3)],
    build: (z) => neg(pick(logSoftmax(mul(z, 0.5)), 1, 1)),
  },
  'log-sum-exp': { of: log.op, inputs: [floats(2, 3)], build: (x) => logSumExp(x, [1], false) },
  'divergence of two softmaxes': {
    of: mul.op,
    inputs: [floats(2, 3), floats(2, 3)],
    build: (a, b) => reduceSum(mul(softmax(a), sub(logSoftmax(a), logSoftmax(b))), [1], false),
  },
  'variance and maximum': { of: mul.op, inputs: [apart(2, 3)], build: (x) => mul(variance(x, [1]), reduceMax(x, [1])) },
  attention: {
    of: MatMul,
    inputs: [floats(2, 3, 2), floats(2, 3, 2), floats(2, 3, 2)],
    build: (q, k, v) => matmul(softmax(matmul(q, transpose(k, [0, 2, 1]))), v),
  },
  'normalised in three ways': {
    of: mul.op,
    inputs: [floats(2, 4), floats(4), floats(4)],
    build: (x, s, b) => groupNorm(rmsNorm(layerNorm(x, s, b), s), 2, s, b),
  },
  'a small convolutional network': {
    of: tanh.op,
    inputs: [apart(2, 1, 5, 5), floats(2, 1, 3, 3), floats(2), floats(2), floats(2, 2)],
    build: (x, w, s, b, v) => {
      const h = batchNormTrain(conv(x, w, undefined, { padding: 1 }), s, b, 0.1).y;
      const p = averagePool(maxPool(tanh(h), 3, { stride: 2, padding: 1 }), 2, { stride: 1 });
      return matmul(flatten(globalAveragePool(p)), v);
    },
    precisions: ['float32'],
  },
};

describe('programs', () => {
  for (const [name, program] of Object.entries(programs)) {
    for (const precision of program.precisions ?? (['float64'] as const)) {
      test(`${name} in ${precision}`, async () => {
        await checkSample({ ...program, name }, precision);
      });
    }
  }
});

const input = (graph: Graph, name: string, shape: readonly number[], dtype: DType = 'float32') =>
  graph.input(name, { dtype, shape });
const vector = (...values: number[]) => tensor('float32', [values.length], values);

test('nothing flows back through stopGradient or a step', async () => {
  const graph = new Graph();
  const x = input(graph, 'x', [3]);
  const steps = cast(greater(x, 0), 'float32');
  const [g] = grad(sum(add(mul(stopGradient(x), x), add(floor(x), steps))), [x]);
  const { d } = await evaluate({ d: g! }, { x: vector(1.5, -2, 3) });
  expect(numbers(d!)).toEqual([1.5, -2, 3]);
});

test('a target that the loss does not need gets zeros', async () => {
  const graph = new Graph();
  const [x, y] = [input(graph, 'x', [2]), input(graph, 'y', [3])];
  const [gx, gy] = grad(sum(x), [x, y]);
  const { dx, dy } = await evaluate({ dx: gx!, dy: gy! }, { x: vector(1, 2), y: vector(1, 2, 3) });
  expect([numbers(dx!), numbers(dy!)]).toEqual([
    [1, 1],
    [0, 0, 0],
  ]);
});

test('the loss itself and values between are targets too', async () => {
  const graph = new Graph();
  const x = input(graph, 'x', [2]);
  const y = mul(x, x);
  const loss = sum(y);
  const [gy, gl] = grad(loss, [y, loss]);
  const { dy, dl } = await evaluate({ dy: gy!, dl: gl! }, { x: vector(3, 4) });
  expect([numbers(dy!), numbers(dl!)]).toEqual([[1, 1], [1]]);
});

test('a cotangent may be given instead of a loss', async () => {
  const graph = new Graph();
  const [x, seed] = [input(graph, 'x', [2]), input(graph, 'seed', [2])];
  const [g] = grad(mul(x, x), [x], seed);
  const { d } = await evaluate({ d: g! }, { x: vector(3, 4), seed: vector(1, 10) });
  expect(numbers(d!)).toEqual([6, 80]);
});

test('a loss that is not one number is refused', () => {
  const graph = new Graph();
  const x = input(graph, 'x', [2]);
  expect(() => grad(x, [x])).toThrow(/the loss is float32\[2\]; reduce it/);
});

const foreign = op({ onnx: 'Mystery', domain: 'some.where', infer: ([x]) => x!.type, vjp: { unsupported: 'nobody knows it' } });

test('an operator without a derivative is named, with the path from it to the loss', () => {
  const graph = new Graph();
  const x = input(graph, 'pixels', [2]);
  const hidden = graph.scoped('block1', () => foreign([x], {}));
  tanh(hidden);
  const loss = sum(mul(hidden, 2));
  expect(() => grad(loss, [x])).toThrow(
    /Mystery: no gradient \(nobody knows it\), and one has to pass: pixels → Mystery \(block1\) → Mul → ReduceSum → loss/,
  );
});

test('an operator without a derivative is no obstacle where no gradient has to pass', () => {
  const graph = new Graph();
  const [x, y] = [input(graph, 'x', [2]), input(graph, 'y', [2])];
  expect(grad(sum(mul(foreign([x], {}), y)), [y])).toHaveLength(1);
});

test('lazy cotangents add no sums that change nothing', () => {
  const graph = new Graph();
  const x = input(graph, 'x', [2, 3]);
  const [g] = grad(mean(exp(x)), [x]);
  graph.output('g', g!);
  expect(rebuild(graph).nodes.map((n) => n.op.onnx)).not.toContain('ReduceSum');
});

test('fakeQuantize passes gradients inside the range, and its scale learns from the rounding error', async () => {
  const graph = new Graph();
  const x = input(graph, 'x', [4]);
  const scale = input(graph, 'scale', []);
  const zero = graph.constant(tensor('int8', [], [0]));
  const [dx, ds] = grad(sum(fakeQuantize(x, scale, zero)), [x, scale]);
  const s = 0.5;
  const results = await evaluate({ dx: dx!, ds: ds! }, { x: vector(-100, 0.3, 1.1, 100), scale: tensor('float32', [], [s]) });
  expect(numbers(results.dx!)).toEqual([0, 1, 1, 0]);
  // LSQ: −128 and 127 outside, round(x/s) − x/s inside.
  expect(numbers(results.ds!)[0]).toBeCloseTo(-128 + (1 - 0.3 / s) + (2 - 1.1 / s) + 127, 4);
});

test('running statistics follow the batch with the unbiased variance', async () => {
  const graph = new Graph();
  const x = input(graph, 'x', [3, 1]);
  const one = graph.constant(tensor('float32', [1], [1]));
  const batch = batchNormTrain(x, one, one);
  const next = runningStatistics(x, batch, { mean: one, variance: one }, 0.25);
  const { m, v } = await evaluate({ m: next.mean, v: next.variance }, { x: tensor('float32', [3, 1], [1, 2, 6]) });
  expect(numbers(m!)[0]).toBeCloseTo(0.75 + 0.25 * 3, 5);
  expect(numbers(v!)[0]).toBeCloseTo(0.75 + 0.25 * 7, 5);
});
