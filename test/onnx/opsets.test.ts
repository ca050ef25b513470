import { afterAll, expect, test } from 'vitest';
import { inputName } from '../../src/graph/graph.ts';
import { type Tensor, type TensorType, tensor } from '../../src/graph/type.ts';
import { importModel } from '../../src/models/import.ts';
import type { WrittenAttr } from '../../src/onnx/attribute.ts';
import { encode } from '../../src/onnx/encode.ts';
import { lower } from '../../src/passes/lower.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { cpu, numbers, openBytes } from '../support/ort.ts';
import { modelFile } from './file.ts';
import { sampleOf } from './samples.ts';

const engine = ortNode({ threads: 1 });
afterAll(() => engine.close());

type Attrs = Readonly<Record<string, WrittenAttr>>;
/** An input by its shape (fed), or a constant. */
type Source = readonly number[] | Tensor;

const int = (value: number): WrittenAttr => ({ kind: 'int', value });
const ints = (...value: number[]): WrittenAttr => ({ kind: 'ints', value });
const float = (value: number): WrittenAttr => ({ kind: 'float', value });
const floats = (...value: number[]): WrittenAttr => ({ kind: 'floats', value });
const string = (value: string): WrittenAttr => ({ kind: 'string', value });
const i64 = (...values: number[]): Tensor => tensor('int64', [values.length], values);
const f32 = (...values: number[]): Tensor => tensor('float32', [values.length], values);
const image = [2, 4, 6, 6] as const;
const channels = f32(0.5, 1, 2, 3);

const cases: readonly (readonly [opset: number, op: string, inputs: readonly (Source | '')[], attrs: Attrs, outputs?: number])[] =
  [
    [11, 'ReduceSum', [image], { axes: ints(1, -1), keepdims: int(0) }],
    [13, 'ReduceSum', [image, i64(2)], {}],
    [13, 'ReduceMean', [image], { axes: ints(2, 3) }],
    [18, 'ReduceMean', [image, i64(2, 3)], { keepdims: int(0) }],
    [17, 'ReduceMax', [image], {}],
    [13, 'ReduceL2', [image], { axes: ints(1) }],
    [13, 'ReduceLogSumExp', [image], { axes: ints(1) }],
    [13, 'ReduceSumSquare', [image], { axes: ints(1) }],
    [13, 'ReduceProd', [image], { axes: ints(1) }],
    [11, 'Squeeze', [[2, 1, 3]], { axes: ints(1) }],
    [13, 'Squeeze', [[2, 1, 3], i64(1)], {}],
    [13, 'Squeeze', [[2, 1, 3]], {}],
    [11, 'Unsqueeze', [[2, 3]], { axes: ints(0, 3) }],
    [13, 'Unsqueeze', [[2, 3], i64(-1)], {}],
    [11, 'Softmax', [[2, 3, 4]], { axis: int(1) }],
    [11, 'Softmax', [[2, 3, 4]], {}],
    [13, 'Softmax', [[2, 3, 4]], { axis: int(1) }],
    [11, 'LogSoftmax', [[2, 3, 4]], { axis: int(1) }],
    [13, 'LogSoftmax', [[2, 3, 4]], {}],
    [7, 'Clip', [[2, 3]], { min: float(-0.5), max: float(0.25) }],
    [7, 'Clip', [[2, 3]], { max: float(0.25) }],
    [11, 'Clip', [[2, 3], tensor('float32', [], [-0.5]), ''], {}],
    [13, 'Clip', [[2, 3], '', tensor('float32', [], [0.5])], {}],
    [9, 'Slice', [[4, 5]], { starts: ints(1, 0), ends: ints(3, -1) }],
    [9, 'Slice', [[4, 5]], { axes: ints(1), starts: ints(-3), ends: ints(1000) }],
    [10, 'Slice', [[4, 5], i64(3, -1), i64(-100, 0), i64(0, 1), i64(-1, -2)], {}],
    [7, 'Pad', [[2, 3]], { pads: ints(0, 1, 2, 0), value: float(1.5) }],
    [7, 'Pad', [image], { pads: ints(0, 0, 1, 1, 0, 0, 2, 2), mode: string('reflect') }],
    [11, 'Pad', [[2, 3], i64(0, 1, 2, 0), tensor('float32', [], [2])], {}],
    [13, 'Pad', [[2, 3], i64(0, 1, 2, 0)], { mode: string('edge') }],
    [18, 'Pad', [[2, 3], i64(1, 1), '', i64(1)], {}],
    [11, 'Pad', [[2, 3], i64(0, -1, 2, 0)], {}],
    [7, 'Upsample', [image], { scales: floats(1, 1, 2, 3), mode: string('nearest') }],
    [9, 'Upsample', [image, f32(1, 1, 2, 2)], { mode: string('nearest') }],
    [10, 'Resize', [image, f32(1, 1, 2, 2)], { mode: string('nearest') }],
    [
      11,
      'Resize',
      [image, f32(), f32(1, 1, 2, 2)],
      { coordinate_transformation_mode: string('asymmetric'), mode: string('nearest'), nearest_mode: string('floor') },
    ],
    [
      13,
      'Resize',
      [image, '', '', i64(2, 4, 12, 12)],
      { coordinate_transformation_mode: string('asymmetric'), mode: string('nearest'), nearest_mode: string('floor') },
    ],
    [13, 'Resize', [image, '', f32(1, 1, 2, 2)], { mode: string('nearest') }],
    [7, 'Dropout', [[2, 3]], { ratio: float(0.5) }],
    [13, 'Dropout', [[2, 3], tensor('float32', [], [0.5])], {}],
    [7, 'BatchNormalization', [image, channels, channels, channels, channels], { spatial: int(1) }],
    [9, 'BatchNormalization', [image, channels, channels, channels, channels], { epsilon: float(1e-3) }],
    [15, 'BatchNormalization', [image, channels, channels, channels, channels], { momentum: float(0.8) }],
    [7, 'InstanceNormalization', [image, channels, channels], {}],
    [17, 'LayerNormalization', [[2, 3, 4], channels, channels], {}],
    [17, 'LayerNormalization', [[2, 3, 4], channels], { axis: int(-1), epsilon: float(1e-3) }],
    [21, 'GroupNormalization', [image, channels, channels], { num_groups: int(2) }],
    [18, 'GroupNormalization', [image, f32(1, 2), f32(0.5, 0)], { num_groups: int(2) }],
    [7, 'LRN', [image], { size: int(3) }],
    [11, 'Split', [[2, 5]], { axis: int(1), split: ints(2, 3) }, 2],
    [11, 'Split', [[2, 6]], { axis: int(1) }, 3],
    [13, 'Split', [[2, 5], i64(2, 3)], { axis: int(1) }, 2],
    [18, 'Split', [[2, 5]], { axis: int(1), num_outputs: int(2) }, 2],
    [7, 'TopK', [[2, 5]], { k: int(2) }, 2],
    [10, 'TopK', [[2, 5], i64(2)], {}, 2],
    [11, 'TopK', [[5, 2], i64(3)], { axis: int(0), largest: int(0) }, 2],
    [7, 'AveragePool', [image], { kernel_shape: ints(3, 3), strides: ints(2, 2), pads: ints(1, 1, 1, 1) }],
    [
      11,
      'AveragePool',
      [image],
      { kernel_shape: ints(3, 3), strides: ints(2, 2), pads: ints(1, 1, 1, 1), count_include_pad: int(1) },
    ],
    [11, 'AveragePool', [image], { kernel_shape: ints(2, 2), auto_pad: string('SAME_UPPER') }],
    [7, 'MaxPool', [image], { kernel_shape: ints(3, 3), strides: ints(2, 2), auto_pad: string('SAME_LOWER') }],
    [12, 'MaxPool', [image], { kernel_shape: ints(3, 2), strides: ints(2, 2), ceil_mode: int(1) }],
    [12, 'MaxPool', [image], { kernel_shape: ints(2, 2), dilations: ints(2, 2) }],
    [7, 'GlobalMaxPool', [image], {}],
    [7, 'GlobalAveragePool', [[2, 4, 6]], {}],
    [7, 'Conv', [image, [3, 4, 3, 3], [3]], { group: int(1), kernel_shape: ints(3, 3) }],
    [11, 'Conv', [image, [4, 2, 3, 3]], { group: int(2), strides: ints(2, 1), pads: ints(1, 0, 1, 2), dilations: ints(1, 2) }],
    [11, 'Conv', [image, [4, 4, 3, 3]], { auto_pad: string('SAME_UPPER'), strides: ints(2, 2) }],
    [11, 'Conv', [[2, 4, 9], [6, 4, 3], [6]], { pads: ints(1, 1) }],
    [11, 'ConvTranspose', [image, [4, 3, 3, 3]], { strides: ints(2, 2), pads: ints(1, 1, 1, 1), output_padding: ints(1, 1) }],
    [7, 'Gemm', [[3, 2], [4, 2], [4]], { transB: int(1), alpha: float(0.5), beta: float(2) }],
    [
      11,
      'Gemm',
      [
        [3, 2],
        [2, 4],
      ],
      {},
    ],
    [13, 'MatMul', [[2, 3, 4], [4]], {}],
    [9, 'Flatten', [image], { axis: int(2) }],
    [13, 'Flatten', [image], { axis: int(-1) }],
    [13, 'Flatten', [image], { axis: int(0) }],
    [7, 'Reshape', [image, i64(0, -1)], {}],
    [8, 'Expand', [[3, 1], i64(2, 1, 4)], {}],
    [7, 'Tile', [[2, 3], i64(2, 1)], {}],
    [7, 'Gather', [[4, 3], i64(2, 0)], { axis: int(0) }],
    [13, 'Gather', [[4, 3], tensor('int64', [], [-1])], { axis: int(1) }],
    [13, 'GatherElements', [[2, 3], tensor('int64', [2, 1], [2, -1])], { axis: int(1) }],
    [12, 'ArgMax', [[2, 5]], { axis: int(1), keepdims: int(0) }],
    [8, 'Sum', [[2, 3], [3], [2, 1]], {}],
    [8, 'Max', [[2, 3], [3], [2, 1]], {}],
    [8, 'Min', [[2, 3]], {}],
    [8, 'Mean', [[2, 3], [3]], {}],
    [7, 'PRelu', [image, tensor('float32', [4, 1, 1], [0.1, 0.2, 0.3, 0.4])], {}],
    [7, 'LeakyRelu', [[2, 3]], {}],
    [7, 'Elu', [[2, 3]], { alpha: float(0.5) }],
    [7, 'Selu', [[2, 3]], {}],
    [12, 'Celu', [[2, 3]], { alpha: float(2) }],
    [10, 'ThresholdedRelu', [[2, 3]], { alpha: float(0.25) }],
    [7, 'HardSigmoid', [[2, 3]], { alpha: float(0.3) }],
    [14, 'HardSwish', [[2, 3]], {}],
    [18, 'Mish', [[2, 3]], {}],
    [20, 'Gelu', [[2, 3]], {}],
    [20, 'Gelu', [[2, 3]], { approximate: string('tanh') }],
    [7, 'Softsign', [[2, 3]], {}],
    [7, 'Softplus', [[2, 3]], {}],
    [7, 'Pow', [[2, 3], tensor('float32', [], [2])], {}],
    [12, 'Pow', [[2, 3], tensor('int64', [], [2])], {}],
    [9, 'Cast', [[2, 3]], { to: int(7) }],
    [7, 'Transpose', [image], {}],
    [7, 'DepthToSpace', [image], { blocksize: int(2) }],
    [11, 'DepthToSpace', [image], { blocksize: int(2), mode: string('CRD') }],
    [7, 'SpaceToDepth', [image], { blocksize: int(2) }],
    [
      12,
      'Einsum',
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      { equation: string('bij,bjk->bik') },
    ],
    [11, 'CumSum', [[2, 5], tensor('int64', [], [1])], {}],
    [14, 'Trilu', [[4, 4]], { upper: int(0) }],
    [9, 'ConstantOfShape', [i64(2, 3)], {}],
    [11, 'Range', [tensor('int64', [], [1]), tensor('int64', [], [7]), tensor('int64', [], [2])], {}],
    [7, 'Hardmax', [[2, 3]], { axis: int(1) }],
    [9, 'Sign', [[2, 3]], {}],
    [13, 'QuantizeLinear', [[2, 3], tensor('float32', [], [0.1]), tensor('uint8', [], [3])], {}],
  ];

test.each(cases.map((c, i) => [`${c[1]} of opset ${c[0]} (${i})`, c] as const))(
  '%s',
  async (_, [opset, op, inputs, attrs, outputs = 1]) => {
    const isFed = (s: Source): s is readonly number[] => Array.isArray(s);
    const names = inputs.map((s, i) => (s === '' ? '' : `in${i}`));
    const given = inputs.flatMap((s, i): (readonly [string, Source])[] => (s === '' ? [] : [[`in${i}`, s]]));
    const types = given.flatMap(([name, s]): (readonly [string, TensorType])[] =>
      isFed(s) ? [[name, { dtype: 'float32', shape: s }]] : [],
    );
    const constants = Object.fromEntries(given.flatMap(([name, s]) => (isFed(s) ? [] : [[name, s] as const])));
    const results = Array.from({ length: outputs }, (_, i) => `out${i}`);
    const bytes = modelFile(opset, {
      inputs: Object.fromEntries(types),
      constants,
      nodes: [{ op, inputs: names, outputs: results, attrs }],
      outputs: results,
    });

    const model = await importModel({ source: 'test', bytes }, engine);
    expect(model.unsupported.map((u) => `${u.op}: ${u.reason}`)).toEqual([]);
    const [before, after] = [await openBytes(bytes), await openBytes(encode(lower(model.graph, cpu)))];
    const feeds = Object.fromEntries(model.graph.inputs.map((v) => [inputName(v)!, sampleOf(v.type)]));
    const [expected, found] = [await before.run(feeds), await after.run(feeds)];
    for (const name of results) {
      expect(found[name]!.shape).toEqual(expected[name]!.shape);
      expect(found[name]!.dtype).toBe(expected[name]!.dtype);
      const [a, b] = [numbers(expected[name]!), numbers(found[name]!)];
      for (const [i, x] of a.entries()) expect(b[i]).toBeCloseTo(x, 4);
    }
    await Promise.all([before.close(), after.close()]);
  },
);
