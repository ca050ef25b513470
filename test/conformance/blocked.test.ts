import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { relu } from '../../src/ops/activations.ts';
import { type ConvOptions, conv } from '../../src/ops/conv.ts';
import type { Target } from '../../src/ops/define.ts';
import { specOf } from '../../src/ops/define.ts';
import { add, mul, sigmoid, tanh } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { batchNorm, batchNormTrain } from '../../src/ops/norm.ts';
import { averagePool, globalAveragePool, maxPool } from '../../src/ops/pool.ts';
import { sum } from '../../src/ops/reduce.ts';
import { upsample } from '../../src/ops/resample.ts';
import { type Choose, candidates } from '../../src/passes/lower.ts';
import { blockOfProcessor, type Feeds, numbers, open } from '../support/ort.ts';
import { expectClose } from './check.ts';

const target: Target = { provider: 'cpu', block: await blockOfProcessor() };

interface Network {
  readonly inputs: readonly (readonly number[])[];
  readonly build: (...inputs: Value[]) => Value;
}

const convolution = (x: readonly number[], w: readonly number[], options: ConvOptions): Network => ({
  inputs: [x, w, [w[0]!]],
  build: (v, weights, bias) => conv(v!, weights!, bias, options),
});

const networks: Readonly<Record<string, Network>> = {
  convolution: convolution([2, 16, 5, 6], [32, 16, 3, 3], { padding: 1 }),
  'convolution with stride': convolution([2, 16, 7, 6], [16, 16, 3, 3], { padding: 1, stride: 2 }),
  'convolution of a batch of whole blocks': convolution([16, 16, 4, 5], [32, 16, 3, 3], { padding: 1 }),
  'convolution of such a batch, more channels than a block': convolution([32, 32, 3, 4], [16, 32, 3, 3], { padding: 1 }),
  'convolution of such a batch with stride': convolution([16, 16, 6, 4], [16, 16, 3, 3], { padding: 1, stride: 2 }),
  'convolution of such a batch with stride and a large kernel': convolution([16, 16, 6, 6], [16, 16, 5, 5], {
    padding: 2,
    stride: 3,
  }),
  'convolution of such a batch with stride and uneven padding': convolution([16, 16, 6, 6], [16, 16, 3, 3], {
    padding: [0, 1, 1, 0],
    stride: 2,
  }),
  'pointwise convolution of such a batch with stride': convolution([16, 16, 4, 6], [16, 16, 1, 1], { stride: 2 }),
  'convolution of three channels of such a batch': convolution([16, 3, 5, 4], [16, 3, 3, 3], { padding: 1, stride: 2 }),
  'depthwise convolution with even stride': convolution([2, 16, 6, 4], [16, 1, 3, 3], { padding: 1, stride: 2, groups: 16 }),
  'pointwise convolution': convolution([2, 32, 3, 4], [16, 32, 1, 1], {}),
  'pointwise convolution with stride': convolution([2, 16, 5, 5], [32, 16, 1, 1], { stride: 2 }),
  'dilated convolution': convolution([1, 16, 7, 6], [16, 16, 3, 3], { dilation: 2 }),
  'depthwise convolution': convolution([2, 32, 5, 4], [32, 1, 3, 3], { padding: 1, groups: 32 }),
  'depthwise convolution with stride': convolution([2, 16, 6, 5], [16, 1, 3, 3], { padding: 1, stride: 2, groups: 16 }),
  'convolution of three channels': convolution([2, 3, 6, 5], [16, 3, 3, 3], { padding: 1 }),
  'convolution in groups': convolution([1, 32, 4, 4], [32, 16, 3, 3], { groups: 2 }),
  'normalised and activated': {
    inputs: [[2, 16, 4, 4], [16, 16, 3, 3], [16], [16]],
    build: (x, w, s, b) => relu(batchNormTrain(conv(x!, w!, undefined, { padding: 1 }), s!, b!, 0.1).y),
  },
  'a residual block with pooling and a head': {
    inputs: [[2, 3, 8, 8], [16, 3, 3, 3], [16, 16, 3, 3], [16], [16], [16, 5]],
    build: (x, w1, w2, s, b, head) => {
      const stem = relu(conv(x!, w1!, undefined, { padding: 1 }));
      const branch = batchNormTrain(conv(stem, w2!, undefined, { padding: 1 }), s!, b!, 0.1).y;
      const joined = maxPool(relu(add(branch, stem)), 2);
      return matmul(globalAveragePool(joined, false), head!);
    },
  },
  'pools of every kind between convolutions': {
    inputs: [
      [1, 16, 9, 9],
      [16, 16, 3, 3],
      [16, 16, 1, 1],
    ],
    build: (x, w1, w2) => {
      const a = maxPool(conv(x!, w1!, undefined, { padding: 1 }), 3, { stride: 2, padding: 1 });
      const c = averagePool(conv(a, w2!), 3, { stride: 1, padding: 1 });
      return upsample(averagePool(conv(c, w2!), 2, { stride: 2, ceil: true }), [2, 2]);
    },
  },
  'inference statistics and other activations': {
    inputs: [[2, 16, 4, 4], [16, 16, 3, 3], [16], [16], [16]],
    build: (x, w, s, b, m) => {
      const y = batchNorm(conv(x!, w!), s!, b!, m!, mul(m!, m!), 0.5);
      return mul(tanh(y), sigmoid(y));
    },
  },
};

const around = (shape: readonly number[], purpose: string): Tensor => {
  const next = random(1, purpose);
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => next.uniform() * 2 - 1),
  );
};

/** A network with the gradients of all of its inputs. */
function trained({ inputs, build }: Network) {
  const graph = new Graph();
  const values = inputs.map((shape, i) => graph.input(`x${i}`, { dtype: 'float32', shape }));
  const y = build(...values);
  const loss = sum(mul(y, graph.constant(around(y.shape as number[], 'weights'))));
  const grads = grad(loss, values);
  const outputs = { y, loss, ...Object.fromEntries(grads.map((g, i) => [`d${i}`, g])) };
  const feeds = Object.fromEntries(inputs.map((shape, i) => [`x${i}`, around(shape, `input ${i}`)]));
  return { outputs, feeds, nodes: graph.nodes };
}

const named =
  (name: string): Choose =>
  (_, ways) =>
    Math.max(
      ways.findIndex((way) => way.name === name),
      0,
    );

async function run(outputs: Readonly<Record<string, Value>>, feeds: Feeds, choose: Choose, on: Target) {
  const session = await open(outputs, choose, on);
  const results = await session.run(feeds);
  await session.close();
  return results;
}

describe("ONNX Runtime's blocked layout changes no result", () => {
  for (const [name, network] of Object.entries(networks)) {
    test(name, async () => {
      const { outputs, feeds, nodes } = trained(network);
      const wanted = await run(outputs, feeds, named('plain'), { provider: 'cpu', block: 0 });
      const ways = new Set(nodes.filter((n) => specOf(n).lowerings).flatMap((n) => candidates(n, target).map((way) => way.name)));
      for (const way of ways) {
        const got = await run(outputs, feeds, named(way), target);
        for (const [output, t] of Object.entries(wanted)) {
          expectClose(numbers(got[output]!), numbers(t), 1e-4, `'${way}' on blocks of ${target.block}, ${output}`);
        }
      }
      expect(ways.size).toBeGreaterThan(1);
    });
  }
});
