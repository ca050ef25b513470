import { expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import * as o from '../../src/ops/index.ts';
import { numbers, open } from '../support/ort.ts';
import { expectClose } from './check.ts';

/** Builders of students: x is [N, 4, 6, 6] or, after `tokens`, [N, 6, 24]. */
const around = (shape: readonly number[], purpose: string): Tensor => {
  const next = random(2, purpose);
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => next.uniform() + 0.1),
  );
};
const weights = (x: Value, ...shape: number[]): Value => x.graph.constant(around(shape, shape.join()));
const tokens = (x: Value): Value => o.reshape(o.transpose(x, [0, 2, 1, 3]), [x.shape[0]!, 6, 24]);

const heads = (x: Value): Value => o.transpose(o.reshape(x, [x.shape[0]!, 6, 4, 6]), [0, 2, 1, 3]);

const layers: Readonly<Record<string, (x: Value) => Value>> = {
  'convolution, pools, head': (x) => {
    const h = o.relu(o.conv(x, weights(x, 8, 4, 3, 3), weights(x, 8), { padding: 1 }));
    const p = o.averagePool(o.maxPool(h, 2), 3, { stride: 1, padding: 1 });
    return o.softmax(o.linear(o.flatten(p), weights(x, 72, 5), weights(x, 5)));
  },
  'batch normalisation, global pool': (x) =>
    o.globalAveragePool(o.batchNorm(x, weights(x, 4), weights(x, 4), weights(x, 4), weights(x, 4)), false),
  'group normalisation': (x) => o.groupNorm(x, 2, weights(x, 4), weights(x, 4)),
  'enlarging and transposed convolution': (x) => o.convTranspose(o.upsample(x, [2, 2]), weights(x, 4, 2, 2, 2)),
  attention: (x) => {
    const t = o.layerNorm(tokens(x), weights(x, 24), weights(x, 24));
    const [q, k, v] = [t, o.mul(t, 0.5), o.gelu(t)].map(heads) as [Value, Value, Value];
    const mixed = o.matmul(o.softmax(o.matmul(q, o.swapLast(k))), v);
    return o.pick(o.reshape(o.transpose(mixed, [0, 2, 1, 3]), [x.shape[0]!, 6, 24]), 0, 1);
  },
  'cutting and joining': (x) => {
    const [a, b] = o.split(x, [1, 3], 1) as [Value, Value];
    return o.concat([o.slice(b, [0, 1], [2, 5], [1, 2]), o.pad(o.slice(a, [1], [3], [2]), [0, 0, 1, 0], [0, 0, 1, 0])], 1);
  },
  'space into channels': (x) => o.depthToSpace(o.spaceToDepth(x, 2), 2),
};

test.each(Object.entries(layers))('%s: one graph for every batch size', async (_, build) => {
  const sized = (n: number | string) => {
    const graph = new Graph();
    return build(graph.input('x', { dtype: 'float32', shape: [n, 4, 6, 6] }));
  };
  const openBatch = await open({ y: sized('N') });
  for (const n of [1, 3]) {
    const x = around([n, 4, 6, 6], 'x');
    const [given, fixed] = [await openBatch.run({ x }), await (await open({ y: sized(n) })).run({ x })];
    expect(given.y!.shape).toEqual(fixed.y!.shape);
    expectClose(numbers(given.y!), numbers(fixed.y!), 1e-5, `batch of ${n}`);
  }
  await openBatch.close();
});
