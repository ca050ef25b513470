import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { encode } from '../../src/onnx/encode.ts';
import { gelu, relu } from '../../src/ops/activations.ts';
import { conv } from '../../src/ops/conv.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { gather } from '../../src/ops/gather.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { batchNorm, layerNorm } from '../../src/ops/norm.ts';
import { globalAveragePool } from '../../src/ops/pool.ts';
import { reduceMean } from '../../src/ops/reduce.ts';
import { reshape, swapLast, transpose } from '../../src/ops/shape.ts';
import { softmax } from '../../src/ops/softmax.ts';
import type { Feeds } from '../../src/runtime/port.ts';

/** Numbers of about a normal distribution, the same in every run. */
export function drawing(seed: number): (shape: readonly number[], scale?: number, mean?: number) => Tensor {
  let state = seed >>> 0 || 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return (shape, scale = 1, mean = 0) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const normal = () => uniform() + uniform() + uniform() + uniform() + uniform() + uniform() - 3;
    return tensor(
      'float32',
      shape,
      Array.from({ length: size }, () => mean + scale * 1.41 * normal()),
    );
  };
}

/** Logits of [N, 16] through two layers of 64. */
export function mlp(): Uint8Array {
  const draw = drawing(1);
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['batch', 16] });
  const dense = (v: Value, from: number, to: number, name: string): Value =>
    graph.scoped(name, () => add(matmul(v, graph.constant(draw([from, to], from ** -0.5))), graph.constant(draw([to], 0.1))));
  graph.output('logits', dense(relu(dense(relu(dense(x, 16, 64, 'first')), 64, 64, 'middle')), 64, 4, 'last'));
  return encode(graph, { name: 'mlp', metadata: { potstill: 'mlp' } });
}

/** A residual block with batch normalisation, pooled: [N, 3, 16, 16] to 5 logits. */
export function cnn(): Uint8Array {
  const draw = drawing(2);
  const graph = new Graph();
  const x = graph.input('picture', { dtype: 'float32', shape: ['batch', 3, 16, 16] });
  const block = (v: Value, from: number, to: number): Value => {
    const w = graph.constant(draw([to, from, 3, 3], (from * 9) ** -0.5));
    const [scale, shift] = [graph.constant(draw([to], 0.2, 1)), graph.constant(draw([to], 0.1))];
    const variance = graph.constant(
      tensor(
        'float32',
        [to],
        Array.from({ length: to }, (_, i) => 0.5 + i / to),
      ),
    );
    return batchNorm(convolve(v, w), scale, shift, graph.constant(draw([to], 0.1)), variance, 1e-5);
  };
  const convolve = (v: Value, w: Value): Value => conv(v, w, undefined, { padding: 1 });
  const stem = relu(block(x, 3, 16));
  const body = relu(add(block(relu(block(stem, 16, 16)), 16, 16), stem));
  const pooled = globalAveragePool(relu(block(body, 16, 32)), false);
  graph.output('logits', add(matmul(pooled, graph.constant(draw([32, 5], 0.2))), graph.constant(draw([5], 0.1))));
  return encode(graph, { name: 'cnn' });
}

export interface EncoderSize {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly classes: number;
}

/** A post-norm transformer over token ids [batch, length] with open sizes, its mean pooled and classified. */
export function encoder({ layers, width, heads, vocabulary, classes }: EncoderSize): Uint8Array {
  const draw = drawing(3);
  const graph = new Graph();
  const ids = graph.input('input_ids', { dtype: 'int64', shape: ['batch', 'length'] });
  const mask = graph.input('bias', { dtype: 'float32', shape: ['batch', 1, 1, 'length'] });
  const dense = (v: Value, from: number, to: number): Value =>
    add(matmul(v, graph.constant(draw([from, to], from ** -0.5))), graph.constant(draw([to], 0.05)));
  const norm = (v: Value): Value =>
    layerNorm(v, graph.constant(draw([width], 0.1, 1)), graph.constant(draw([width], 0.05)), { epsilon: 1e-12 });
  const split = (v: Value): Value => transpose(reshape(v, ['batch', 'length', heads, width / heads]), [0, 2, 1, 3]);
  const join = (v: Value): Value => reshape(transpose(v, [0, 2, 1, 3]), ['batch', 'length', width]);

  let h = norm(gather(graph.constant(draw([vocabulary, width], 0.5)), ids));
  for (let i = 0; i < layers; i++) {
    h = graph.scoped(`layer${i}`, () => {
      const [q, k, v] = ['query', 'key', 'value'].map((name) => graph.scoped(name, () => split(dense(h, width, width))));
      const scores = add(mul(matmul(q!, swapLast(k!)), (width / heads) ** -0.5), mask);
      const mixed = graph.scoped('out', () => dense(join(matmul(softmax(scores), v!)), width, width));
      const middle = norm(add(h, mixed));
      const fed = graph.scoped('feed', () => dense(gelu(dense(middle, width, 4 * width)), 4 * width, width));
      return norm(add(middle, fed));
    });
  }
  const pooled = reshape(reduceMean(h, [1], true), ['batch', width]);
  graph.output(
    'logits',
    graph.scoped('head', () => dense(pooled, width, classes)),
  );
  graph.output('hidden', h);
  return encode(graph, { name: 'encoder' });
}

/** Feeds for `encoder`; the last quarter of every row is padding. */
export function tokens(seed: number, batch: number, length: number, vocabulary: number): Feeds {
  const draw = drawing(seed);
  const ids = draw([batch, length]).data as Float32Array;
  return {
    input_ids: {
      dtype: 'int64',
      shape: [batch, length],
      data: BigInt64Array.from(ids, (v) => BigInt(Math.floor(Math.abs(v) * 1e6) % vocabulary)),
    },
    bias: tensor(
      'float32',
      [batch, 1, 1, length],
      Array.from({ length: batch * length }, (_, i) => (i % length < 0.75 * length ? 0 : -10000)),
    ),
  };
}
