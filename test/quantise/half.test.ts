import { afterAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { encode } from '../../src/onnx/encode.ts';
import { add, cast, mul, sqrt } from '../../src/ops/elementwise.ts';
import { gather } from '../../src/ops/gather.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { layerNorm } from '../../src/ops/norm.ts';
import { reduceMean } from '../../src/ops/reduce.ts';
import { compareOutputs } from '../../src/quantise/compare.ts';
import { toHalf } from '../../src/quantise/half/to-half.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Feeds } from '../../src/runtime/port.ts';
import { cnn, drawing, encoder, mlp, tokens } from './models.ts';

const runtime = ortNode({ threads: 1 });
afterAll(() => runtime.close());
const draw = drawing(13);
const small = { layers: 2, width: 32, heads: 4, vocabulary: 200, classes: 3 };

describe('half-precision files', () => {
  it.each<[string, Uint8Array, Feeds, number]>([
    ['a perceptron', mlp(), { x: draw([8, 16]) }, 2],
    ['a convolutional network', cnn(), { picture: draw([4, 3, 16, 16]) }, 4],
    ['a transformer', encoder(small), tokens(7, 3, 10, 200), 4],
  ])('%s: half the size, few casts, the same answers', async (_, model, feeds, casts) => {
    const { bytes, report } = await toHalf(model, { runtime });
    const [before, after] = [readModel(model).graph, readModel(bytes).graph];
    expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs]);
    expect(after.nodes.filter((n) => n.op === 'Cast').length).toBeLessThanOrEqual(casts);
    expect(report.clamped).toEqual([]);
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.6);
    const initializers = [...after.initializers].filter(([, t]) => t.dtype === 'float32' && t.data.length > 4);
    expect(initializers.map(([name]) => name)).toEqual([]);
    for (const p of await compareOutputs(model, bytes, [feeds], { runtime })) expect(p.relativeError).toBeLessThan(0.002);
  });

  it('squares and means do not overflow: normalisation written out, and as one operator', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: ['N', 32] });
    const h = matmul(x, graph.constant(draw([32, 32])));
    graph.output(
      'out',
      matmul(
        mul(h, mul(graph.constant(draw([32])), add(sqrt(reduceMean(mul(h, h), [1])), 1e-9))),
        graph.constant(draw([32, 8], 1e-6)),
      ),
    );
    graph.output('one', layerNorm(h, graph.constant(draw([32])), graph.constant(draw([32])), { epsilon: 1e-12 }));
    const { bytes, report } = await toHalf(encode(graph), { runtime });
    expect(report.kept.map((k) => k.op)).toEqual(['Mul', 'ReduceMean', 'Sqrt', 'Add', 'Mul']);
    // Elements of about 500: their squares are beyond what half precision holds.
    const parity = await compareOutputs(encode(graph), bytes, [{ x: draw([6, 32], 90) }], { runtime });
    for (const p of parity.filter((q) => q.output === 'one')) expect(p.relativeError).toBeLessThan(0.003);
    const calm = await compareOutputs(encode(graph), bytes, [{ x: draw([6, 32], 30) }], { runtime });
    for (const p of calm) expect(p.relativeError).toBeLessThan(0.03);
  });

  it('whole numbers that come as float32 stay exact', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: ['N', 2] });
    const rows = gather(graph.constant(draw([5000, 4])), cast(gather(x, graph.constant(tensor('int64', [], [0])), 1), 'int64'));
    graph.output('y', rows);
    const { bytes } = await toHalf(encode(graph), { runtime });
    const feeds = { x: tensor('float32', [2, 2], [4999, 1, 2049, 1]) };
    for (const p of await compareOutputs(encode(graph), bytes, [feeds], { runtime })) expect(p.relativeError).toBeLessThan(0.001);
  });

  it('clamps constants that are too large, and says so; a mask still masks', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: ['N', 2] });
    graph.output('y', add(matmul(x, graph.constant(draw([2, 2]))), graph.constant(tensor('float32', [2], [0, -3.4e38]))));
    const { bytes, report } = await toHalf(encode(graph), { runtime });
    expect(report.clamped).toEqual([{ tensor: 'constant_1', values: 1 }]);
    const session = await runtime.open(bytes);
    const { y } = await session.run({ x: tensor('float32', [1, 2], [1, 1]) });
    expect(Number(y!.data[1])).toBeLessThan(-65000);
    expect(y!.dtype).toBe('float32');
    await session.release();
  });

  it('leaves what is asked for, whole-number inputs, and refuses what is half already', async () => {
    const { bytes, report } = await toHalf(mlp(), { runtime, keep: ['first/*'] });
    expect(report.kept.filter((k) => k.reason === 'asked for').map((k) => k.node)).toEqual(['first/MatMul_0', 'first/Add_1']);
    expect(readModel((await toHalf(encoder(small), { runtime })).bytes).graph.inputs[0]!.dtype).toBe('int64');
    await expect(toHalf(bytes, { runtime, source: 'h.onnx' })).rejects.toThrow(/h\.onnx: its weights are float16 already/);
    await expect(toHalf(mlp(), { runtime, keep: ['none'] })).rejects.toThrow(/no node is called 'none'/);
  });
});
