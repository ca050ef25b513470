import { afterAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { encode } from '../../src/onnx/encode.ts';
import { OnnxError } from '../../src/onnx/error.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { relu } from '../../src/ops/activations.ts';
import { conv } from '../../src/ops/conv.ts';
import { add, div } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { minMax } from '../../src/quantise/calibrate/ranges.ts';
import { compareOutputs } from '../../src/quantise/compare.ts';
import { type Int8Options, quantiseToInt8 } from '../../src/quantise/int8/quantise.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { cnn, drawing, encoder, mlp, tokens } from './models.ts';

const runtime = ortNode({ threads: 1 });
afterAll(() => runtime.close());
const draw = drawing(11);
const rows = (n: number) => ({ x: draw([n, 16]) });
const pictures = (n: number) => ({ picture: draw([n, 3, 16, 16]) });
const small = { layers: 2, width: 32, heads: 4, vocabulary: 100, classes: 3 };
const texts = (seed: number, batch = 4, length = 12) => tokens(seed, batch, length, small.vocabulary);

const quantise = (bytes: Uint8Array, calibration: Int8Options['calibration'], more: Partial<Int8Options> = {}) =>
  quantiseToInt8(bytes, { runtime, calibration, smallest: 0, ...more });
const kernels = async (bytes: Uint8Array): Promise<readonly string[]> =>
  readModel(await runtime.optimised(bytes)).graph.nodes.map((n) => n.op);
const error = async (first: Uint8Array, second: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<number> =>
  Math.max(...(await compareOutputs(first, second, [feeds], { runtime })).map((p) => p.relativeError));

describe('8-bit files', () => {
  it('multilayer perceptron: each layer is one 8-bit kernel, and the answers are close', async () => {
    const { bytes, report } = await quantise(mlp(), [rows(64), rows(64)]);
    expect(report.quantised.map((q) => q.node)).toEqual(['first/MatMul_0', 'middle/MatMul_3', 'last/MatMul_6']);
    expect(report).toMatchObject({ kept: [], unfused: [], bytesBefore: mlp().byteLength, bytesAfter: bytes.byteLength });
    expect(await kernels(bytes)).toEqual(['QuantizeLinear', 'QGemm', 'QGemm', 'MatMulIntegerToFloat', 'Sub']);
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore / 2);
    expect(await error(mlp(), bytes, rows(32))).toBeLessThan(0.03);
  });

  it('convolutions: normalisation is folded, Relu and the residual sum are inside the kernels', async () => {
    const { bytes, report } = await quantise(cnn(), [pictures(16)]);
    const ops = await kernels(bytes);
    expect(ops.filter((op) => /^(Conv|FusedConv|BatchNormalization|Add|Relu|Gemm)$/.test(op))).toEqual([]);
    expect(ops.filter((op) => op.startsWith('QLinear')).sort()).toEqual(['QLinearAdd', ...Array(4).fill('QLinearConv')]);
    expect(report.unfused).toEqual([]);
    expect(await error(cnn(), bytes, pictures(8))).toBeLessThan(0.04);
  });

  it('transformer: all products with weights are 8 bits, and softmax, Gelu and normalisation are as they were', async () => {
    const { bytes, report } = await quantise(encoder(small), [texts(1), texts(2)]);
    const ops = await kernels(bytes);
    expect(ops.filter((op) => op === 'MatMulIntegerToFloat')).toHaveLength(13);
    expect(ops.filter((op) => op === 'BiasGelu')).toHaveLength(2);
    // The operator that takes a sum into the normalisation is the slower way.
    expect(ops.filter((op) => /LayerNormalization/.test(op))).toEqual(Array(5).fill('LayerNormalization'));
    expect(ops).not.toContain('DequantizeLinear');
    expect(report.kept).toHaveLength(4);
    expect(report.kept[0]).toMatchObject({ op: 'MatMul', reason: 'a product of two activations' });
    expect(report.quantised.filter((q) => q.op === 'Gather')).toHaveLength(1);
    expect(await error(encoder(small), bytes, texts(3))).toBeLessThan(0.05);
  });

  it('products of activations become 8 bits where that is asked for', async () => {
    const { bytes, report } = await quantise(encoder(small), [texts(1)], { products: true });
    expect(report).toMatchObject({ kept: [], unfused: [] });
    expect((await kernels(bytes)).filter((op) => op === 'MatMul' || op === 'FusedMatMul')).toEqual([]);
    expect(await error(encoder(small), bytes, texts(3))).toBeLessThan(0.08);
  });

  it('keeps names, types and open sizes, and what the file says of itself', async () => {
    const before = readModel(encoder(small)).graph;
    const { bytes } = await quantise(encoder(small), [texts(1)]);
    const after = readModel(bytes).graph;
    expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs]);
    expect(readModel((await quantise(mlp(), [rows(4)])).bytes)).toMatchObject({
      metadata: { potstill: 'mlp' },
      producer: 'potstill',
    });
    const session = await runtime.open(bytes);
    expect((await session.run(texts(5, 1, 7))).logits!.shape).toEqual([1, 3]);
    expect((await session.run(texts(5, 3, 20))).hidden!.shape).toEqual([3, 20, 32]);
    await session.release();
  });

  it('leaves float32 what is asked for: by name, the ends, and what is too small', async () => {
    const named = await quantise(mlp(), [rows(8)], { keep: ['mid*'] });
    expect(named.report.kept).toEqual([{ node: 'middle/MatMul_3', op: 'MatMul', reason: 'asked for' }]);
    const ends = await quantise(mlp(), [rows(8)], { keepEnds: true });
    expect(ends.report.quantised.map((q) => q.node)).toEqual(['middle/MatMul_3']);
    const large = await quantise(mlp(), [rows(8)], { smallest: 1024 });
    expect(large.report.kept).toEqual([{ node: 'last/MatMul_6', op: 'MatMul', reason: 'only 256 weights: nothing to gain' }]);
    await expect(quantise(mlp(), [rows(8)], { keep: ['nothing*'] })).rejects.toThrow(
      /no node is called 'nothing\*'; expected .*first\/MatMul_0/,
    );
  });

  it('with 7 bits and without outliers it is still close', async () => {
    for (const more of [{ reduceRange: true }, { range: minMax }]) {
      const { bytes } = await quantise(mlp(), [rows(64)], more);
      expect(await error(mlp(), bytes, rows(32))).toBeLessThan(0.05);
    }
  });

  it('channels of zeros give their bias', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: ['N', 2, 4, 4] });
    const w = graph.constant(tensor('float32', [2, 2, 1, 1], [0, 0, 0.5, -0.25]));
    graph.output('y', conv(x, w, graph.constant(tensor('float32', [2], [7, 0.125]))));
    const { bytes, report } = await quantise(encode(graph), [{ x: draw([2, 2, 4, 4]) }]);
    expect(report.unfused).toEqual([]);
    const session = await runtime.open(bytes);
    const { y } = await session.run({ x: draw([1, 2, 4, 4]) });
    for (const v of y!.data.slice(0, 16)) expect(Math.abs(Number(v) - 7)).toBeLessThan(0.03);
    await session.release();
  });

  it('calibrates the same in portions of any size, and from an iterator that is gone afterwards', async () => {
    async function* batches() {
      yield rows(16);
    }
    const feeds = [
      {
        x: tensor(
          'float32',
          [2, 16],
          Array.from({ length: 32 }, (_, i) => Math.sin(i)),
        ),
      },
    ];
    const [once, portions] = [await quantise(mlp(), feeds), await quantise(mlp(), feeds, { memory: 1 })];
    expect(portions.bytes).toEqual(once.bytes);
    expect((await quantise(mlp(), batches())).report.quantised).toHaveLength(3);
  });

  it('quantises old opsets with the operators of ONNX Runtime', async () => {
    const model = readModel(mlp());
    const old = writeModel({ ...model, opsets: new Map([['', 11]]) });
    const { bytes, report } = await quantise(old, [rows(16)]);
    expect(report.unfused).toEqual([]);
    expect((await kernels(bytes)).filter((op) => op === 'MatMulIntegerToFloat')).toHaveLength(3);
    expect(await error(mlp(), bytes, rows(8))).toBeLessThan(0.05);
  });
});

describe('what the engine does not fuse', () => {
  /** A sum of a convolution and something that only the outside sees in float32. */
  function awkward(): Uint8Array {
    const draw = drawing(12);
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: ['N', 4, 6, 6] });
    const first = graph.scoped('first', () => relu(conv(x, graph.constant(draw([4, 4, 3, 3], 0.2)), undefined, { padding: 1 })));
    graph.output('inner', first);
    graph.output(
      'y',
      graph.scoped('second', () => conv(first, graph.constant(draw([4, 4, 3, 3], 0.2)), undefined, { padding: 1 })),
    );
    return encode(graph);
  }

  it('an output that somebody reads does not stop its kernel', async () => {
    const { bytes, report } = await quantise(awkward(), [{ x: draw([4, 4, 6, 6]) }]);
    expect(report).toMatchObject({ kept: [], unfused: [] });
    expect((await kernels(bytes)).filter((op) => op === 'QLinearConv')).toHaveLength(2);
    expect(await error(awkward(), bytes, { x: draw([2, 4, 6, 6]) })).toBeLessThan(0.08);
  });

  it('is made float32 again, or reported with what the engine runs instead', async () => {
    // An engine that fuses nothing shows what a file holds.
    const naive = { open: runtime.open, version: '0', optimised: async (model: Uint8Array) => model } as Int8Options['runtime'];
    const reported = await quantise(mlp(), [rows(8)], { runtime: naive, unfused: 'report' });
    expect(reported.report.unfused).toHaveLength(3);
    expect(reported.report.unfused[0]).toEqual({
      node: 'first/MatMul_0',
      op: 'MatMul',
      reason: 'the engine computes it as MatMul',
    });
    const reverted = await quantise(mlp(), [rows(8)], { runtime: naive });
    expect(reverted.report).toMatchObject({ quantised: [], unfused: [] });
    expect(reverted.report.kept[0]!.reason).toMatch(/ONNX Runtime 0 does not fuse it: the engine computes it as MatMul/);
    expect(await error(mlp(), reverted.bytes, rows(8))).toBeLessThan(1e-6);
  });
});

describe('mistakes', () => {
  it('a quantised file is refused', async () => {
    const { bytes } = await quantise(mlp(), [rows(8)]);
    await expect(quantise(bytes, [rows(8)], { source: 'a.onnx' })).rejects.toThrow(
      /a\.onnx: it is quantised already \(QuantizeLinear '.*'\); expected a model in float32/,
    );
  });

  it('no batches, wrong batches and infinite activations are said', async () => {
    await expect(quantise(mlp(), [])).rejects.toThrow(/no batch to calibrate with/);
    await expect(quantise(mlp(), [{ x: draw([2, 5]) }])).rejects.toThrow(/calibration batch 1: .*/);
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: ['N', 4] });
    graph.output('y', matmul(add(div(x, 0), 1), graph.constant(draw([4, 4]))));
    await expect(quantise(encode(graph), [{ x: draw([2, 4]) }])).rejects.toThrow(
      /values on the calibration data that are not finite/,
    );
    await expect(quantise(Uint8Array.of(1, 2), [])).rejects.toThrow(OnnxError);
  });
});
