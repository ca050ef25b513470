import { describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { toGraph } from '../../src/onnx/to-graph.ts';
import { imports } from '../../src/ops/index.ts';
import { type OneNode, oneNode } from '../support/one-node.ts';
import { evaluate, numbers, openBytes } from '../support/ort.ts';
import { expectClose, unknown } from './check.ts';

const floats = (...shape: number[]): Tensor => {
  const next = random(5, 'import', sizeOf(shape));
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => next.uniform() * 4 - 2),
  );
};
const positive = (...shape: number[]): Tensor => {
  const t = floats(...shape);
  return { ...t, data: (t.data as Float32Array).map((v) => Math.abs(v) + 0.3) };
};
const constant = (t: Tensor) => ({ constant: t });
const ints = (shape: readonly number[], values: readonly number[]) => tensor('int64', shape, values);
const list = (...values: number[]) => constant(ints([values.length], values));
const scales = (...values: number[]) => constant(tensor('float32', [values.length], values));
const microsoft = 'com.microsoft';

const resizes: readonly (readonly [Record<string, string>, number, number])[] = [
  [{ mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, 8, 6],
  [{ mode: 'nearest' }, 8, 9],
  [{ mode: 'nearest' }, 2, 5],
  [{ mode: 'nearest', coordinate_transformation_mode: 'align_corners', nearest_mode: 'ceil' }, 7, 2],
  [{ mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, 2, 1],
  [{ mode: 'linear' }, 8, 5],
  [{ mode: 'linear', coordinate_transformation_mode: 'align_corners' }, 7, 6],
  [{ mode: 'linear', coordinate_transformation_mode: 'asymmetric' }, 3, 6],
  [{ mode: 'linear', coordinate_transformation_mode: 'pytorch_half_pixel' }, 1, 6],
  [{ mode: 'cubic' }, 7, 5],
];

const int32 = (shape: readonly number[], values: readonly number[]) => tensor('int32', shape, values);
const text = int32([2, 3], [1, 4, 0, 2, 2, 3]);
const masks = [int32([2], [3, 2]), int32([2, 3], [1, 1, 1, 1, 1, 0]), int32([2, 3, 3], [1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 0])]; // biome-ignore format: one list

/** Attention as ONNX Runtime fuses it: 2 texts of 3 tokens, 2 heads. */
const attentions: readonly OneNode[] = [
  { onnx: 'Attention', domain: microsoft, inputs: [floats(2, 3, 4), floats(4, 12), floats(12)], attributes: { num_heads: 2 } },
  ...masks.map((mask) => ({
    onnx: 'Attention',
    domain: microsoft,
    inputs: [floats(2, 3, 4), floats(4, 12), floats(12), mask],
    attributes: { num_heads: 2, mask_filter_value: { float: -5000 } },
  })),
  {
    onnx: 'Attention',
    domain: microsoft,
    inputs: [floats(2, 3, 4), floats(4, 14), floats(14), null, null, floats(2, 2, 3, 3)],
    attributes: { num_heads: 2, qkv_hidden_sizes: [4, 4, 6], unidirectional: 1, scale: { float: 0.3 } },
  },
  {
    onnx: 'MultiHeadAttention',
    domain: microsoft,
    inputs: [floats(2, 3, 4), floats(2, 3, 4), floats(2, 3, 4), floats(12), masks[1]!],
    attributes: { num_heads: 2 },
  },
  {
    onnx: 'MultiHeadAttention',
    domain: microsoft,
    inputs: [floats(2, 2, 4), floats(2, 3, 4), floats(2, 3, 4)],
    attributes: { num_heads: 2 },
  },
  {
    onnx: 'EmbedLayerNormalization',
    domain: microsoft,
    inputs: [text, int32([2, 3], [0, 0, 1, 0, 1, 1]), floats(5, 4), floats(6, 4), floats(2, 4), floats(4), floats(4), masks[1]!],
    outputs: ['y0', 'y1', 'y2'],
  },
  {
    onnx: 'EmbedLayerNormalization',
    domain: microsoft,
    inputs: [text, null, floats(5, 4), floats(6, 4), null, floats(4), floats(4), null, int32([2, 3], [0, 1, 2, 3, 4, 5])],
    outputs: ['y0', 'y1'],
  },
];

/** One case or more for every import. */
const cases: readonly OneNode[] = [
  { onnx: 'Sum', inputs: [floats(2, 3), floats(3), floats(1)] },
  { onnx: 'Max', inputs: [floats(2, 3), floats(3)] },
  { onnx: 'Min', inputs: [floats(2, 3), floats(3)] },
  { onnx: 'Mean', inputs: [floats(3), floats(2, 3)] },
  { onnx: 'Pow', inputs: [positive(3), constant(ints([], [3]))] },
  { onnx: 'Mod', inputs: [ints([2], [7, -7]), ints([2], [4, 4])] },
  { onnx: 'IsInf', inputs: [floats(3)] },
  { onnx: 'CastLike', inputs: [floats(3), ints([1], [1])] },
  { onnx: 'ReduceSumSquare', inputs: [floats(2, 3), list(1)] },
  { onnx: 'ReduceL1', inputs: [floats(2, 3)], attributes: { keepdims: 0 } },
  { onnx: 'ReduceL2', inputs: [floats(2, 3), list(-1)] },
  { onnx: 'ReduceL2', opset: 13, inputs: [floats(2, 3)], attributes: { axes: [0] } },
  { onnx: 'ReduceLogSum', inputs: [positive(2, 3), list(1)] },
  { onnx: 'ReduceLogSumExp', inputs: [floats(2, 3), list(0)] },
  { onnx: 'Flatten', inputs: [floats(2, 3, 2)], attributes: { axis: 2 } },
  { onnx: 'Flatten', inputs: [floats(2, 3, 2)], attributes: { axis: 0 } },
  { onnx: 'Squeeze', inputs: [floats(1, 3, 1), list(2)] },
  { onnx: 'Squeeze', opset: 11, inputs: [floats(1, 3, 1)] },
  { onnx: 'Unsqueeze', inputs: [floats(3), list(0, 2)] },
  { onnx: 'Shape', inputs: [floats(2, 3, 4)], attributes: { start: 1 } },
  {
    onnx: 'FusedMatMul',
    domain: microsoft,
    inputs: [floats(3, 2), floats(3, 4)],
    attributes: { transA: 1, alpha: { float: 0.5 } },
  },
  {
    onnx: 'FusedGemm',
    domain: microsoft,
    inputs: [floats(2, 3), floats(4, 3), floats(4)],
    attributes: { transB: 1, activation: 'Relu' },
  },
  { onnx: 'Tile', inputs: [floats(2, 3), list(2, 2)] },
  { onnx: 'OneHot', inputs: [ints([3], [1, -1, 7]), constant(ints([], [4])), constant(tensor('float32', [2], [0.1, 0.9]))] },
  {
    onnx: 'OneHot',
    inputs: [ints([2], [1, 0]), constant(ints([1], [3])), constant(tensor('float32', [2], [0, 1]))],
    attributes: { axis: 0 },
  },
  { onnx: 'Hardmax', inputs: [floats(2, 4)] },
  { onnx: 'Hardmax', opset: 11, inputs: [floats(2, 2, 3)], attributes: { axis: 1 } },
  { onnx: 'Constant', inputs: [], attributes: { value: floats(2, 2) } },
  { onnx: 'Constant', inputs: [], attributes: { value_floats: { floats: [1, 2] } } },
  { onnx: 'ConstantOfShape', inputs: [list(2, 3)], attributes: { value: tensor('float32', [1], [0.5]) } },
  { onnx: 'Range', inputs: [constant(ints([], [7])), constant(ints([], [1])), constant(ints([], [-2]))] },
  { onnx: 'EyeLike', inputs: [floats(3, 4)], attributes: { k: 1 } },
  ...['HardSwish', 'Mish', 'Celu', 'ThresholdedRelu'].map((onnx) => ({ onnx, inputs: [floats(6)] })),
  { onnx: 'Shrink', inputs: [floats(6)], attributes: { lambd: { float: 0.7 }, bias: { float: 0.2 } } },
  { onnx: 'Gelu', domain: microsoft, inputs: [floats(6)] },
  { onnx: 'QuickGelu', domain: microsoft, inputs: [floats(6)] },
  { onnx: 'BiasGelu', domain: microsoft, inputs: [floats(2, 3), floats(3)] },
  { onnx: 'FastGelu', domain: microsoft, inputs: [floats(2, 3), floats(3)] },
  {
    onnx: 'FusedConv',
    domain: microsoft,
    inputs: [floats(1, 2, 4, 4), floats(3, 2, 3, 3), floats(3)],
    attributes: { pads: [1, 1, 1, 1], activation: 'Relu' },
  },
  ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((onnx) => ({ onnx, inputs: [floats(2, 2, 3, 2)] })),
  { onnx: 'LpPool', inputs: [floats(1, 2, 4, 4)], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { onnx: 'LRN', inputs: [floats(1, 5, 2, 2)], attributes: { size: 3, alpha: { float: 0.1 } } },
  { onnx: 'SimplifiedLayerNormalization', inputs: [floats(2, 4), floats(4)], attributes: { axis: -1, epsilon: { float: 0.01 } } },
  { onnx: 'GroupNormalization', opset: 21, inputs: [floats(2, 4, 3), floats(4), floats(4)], attributes: { num_groups: 2 } },
  { onnx: 'GroupNormalization', opset: 18, inputs: [floats(2, 4, 3), floats(2), floats(2)], attributes: { num_groups: 2 } },
  { onnx: 'InstanceNormalization', inputs: [floats(2, 3, 4), floats(3), floats(3)] },
  { onnx: 'LpNormalization', inputs: [floats(2, 4)], attributes: { p: 2, axis: 1 } },
  { onnx: 'LpNormalization', inputs: [floats(2, 4)], attributes: { p: 1, axis: 0 } },
  { onnx: 'MeanVarianceNormalization', inputs: [floats(2, 2, 2, 3)] },
  ...resizes.map(([attributes, h, w]) => ({
    onnx: 'Resize',
    inputs: [floats(1, 2, 4, 3), null, null, list(1, 2, h, w)],
    attributes,
  })),
  { onnx: 'Resize', inputs: [floats(1, 2, 4, 3), null, scales(1, 1, 1.6, 2.5)], attributes: { mode: 'linear' } },
  { onnx: 'Upsample', opset: 9, inputs: [floats(1, 2, 2, 3), scales(1, 1, 2, 2)], attributes: { mode: 'nearest' } },
  { onnx: 'DepthToSpace', inputs: [floats(1, 8, 2, 3)], attributes: { blocksize: 2 } },
  { onnx: 'DepthToSpace', inputs: [floats(1, 8, 2, 3)], attributes: { blocksize: 2, mode: 'CRD' } },
  { onnx: 'SpaceToDepth', inputs: [floats(1, 2, 4, 6)], attributes: { blocksize: 2 } },
  { onnx: 'Einsum', inputs: [floats(2, 3, 4), floats(2, 5, 4)], attributes: { equation: 'bij,bkj->bik' } },
  { onnx: 'Einsum', inputs: [floats(2, 3), floats(4, 3), floats(4)], attributes: { equation: 'ij,kj,k->ik' } },
  { onnx: 'Einsum', inputs: [floats(2, 3, 4)], attributes: { equation: 'abc->ca' } },
  { onnx: 'Einsum', inputs: [floats(2, 3), floats(4)], attributes: { equation: 'ij,k' } },
  {
    onnx: 'SkipLayerNormalization',
    domain: microsoft,
    inputs: [floats(2, 3, 4), floats(2, 3, 4), floats(4), floats(4), floats(4)],
    outputs: ['y0', null, null, 'y1'],
  },
  { onnx: 'SkipSimplifiedLayerNormalization', domain: microsoft, inputs: [floats(2, 3, 4), floats(2, 3, 4), floats(4)] },
  ...attentions,
  { onnx: 'Dropout', inputs: [floats(3)] },

  // Entries of the table as older files have them, or with forms that a graph of ours never writes.
  { onnx: 'Softmax', opset: 11, inputs: [floats(2, 2, 3)], attributes: { axis: 1 } },
  { onnx: 'LogSoftmax', opset: 9, inputs: [floats(2, 2, 3)] },
  { onnx: 'ReduceSum', opset: 11, inputs: [floats(2, 3)], attributes: { axes: [-1], keepdims: 0 } },
  { onnx: 'ReduceMean', inputs: [floats(2, 3)], attributes: { noop_with_empty_axes: 1 } },
  { onnx: 'Slice', opset: 9, inputs: [floats(3, 4)], attributes: { starts: [1, -3], ends: [3, 100], axes: [0, 1] } },
  { onnx: 'Slice', inputs: [floats(5), list(-1), list(-(2 ** 31)), list(0), list(-2)] },
  { onnx: 'Split', opset: 11, inputs: [floats(4, 2)], attributes: { split: [1, 3] }, outputs: ['y0', 'y1'] },
  { onnx: 'Split', inputs: [floats(5, 2)], attributes: { num_outputs: 2 }, outputs: ['y0', 'y1'] },
  { onnx: 'Pad', opset: 10, inputs: [floats(2, 3)], attributes: { pads: [1, 0, 0, 2], value: { float: 0.5 } } },
  { onnx: 'Pad', inputs: [floats(2, 4), list(2, 1), null, list(1)], attributes: { mode: 'reflect' } },
  { onnx: 'Pad', inputs: [floats(2, 4), list(1, 2, 0, 1)], attributes: { mode: 'edge' } },
  { onnx: 'Clip', opset: 6 + 1, inputs: [floats(5)], attributes: { min: { float: -0.5 }, max: { float: 0.5 } } },
  { onnx: 'Clip', inputs: [floats(5), null, constant(tensor('float32', [], [0.2]))] },
  { onnx: 'TopK', opset: 9, inputs: [floats(2, 5)], attributes: { k: 2 }, outputs: ['y0', 'y1'] },
  { onnx: 'Conv', inputs: [floats(1, 2, 5, 6), floats(3, 2, 3, 2)], attributes: { auto_pad: 'SAME_UPPER', strides: [2, 2] } },
  { onnx: 'Conv', inputs: [floats(1, 2, 5, 6), floats(3, 2, 3, 2)], attributes: { auto_pad: 'SAME_LOWER' } },
  { onnx: 'Conv', inputs: [floats(1, 2, 5, 6), floats(3, 2, 3, 2)], attributes: { auto_pad: 'VALID', kernel_shape: [3, 2] } },
  {
    onnx: 'ConvTranspose',
    inputs: [floats(1, 2, 3, 3), floats(2, 1, 3, 3)],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  {
    onnx: 'ConvTranspose',
    inputs: [floats(1, 2, 3, 3), floats(2, 1, 3, 3)],
    attributes: { strides: [2, 2], output_shape: [6, 6] },
  },
  {
    onnx: 'MaxPool',
    inputs: [floats(1, 1, 5, 5)],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'SAME_LOWER' },
  },
  {
    onnx: 'AveragePool',
    inputs: [floats(1, 1, 5, 5)],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  {
    onnx: 'BatchNormalization',
    inputs: [floats(2, 3, 2), floats(3), floats(3), floats(3), positive(3)],
    attributes: { momentum: { float: 0.8 } },
  },
  {
    onnx: 'BatchNormalization',
    inputs: [floats(2, 3, 2), floats(3), floats(3), floats(3), positive(3)],
    attributes: { training_mode: 1, momentum: { float: 0.8 } },
    outputs: ['y0', 'y1', 'y2'],
  },
  { onnx: 'LayerNormalization', inputs: [floats(2, 4), floats(4)], attributes: { axis: -1 } },
];

const named = ({ onnx, domain, opset, attributes }: OneNode): string =>
  [domain ? `${domain}.${onnx}` : onnx, opset ? `of opset ${opset}` : '', JSON.stringify(attributes ?? {}).slice(0, 100)].join(
    ' ',
  );

const refusals = imports.filter((one) => {
  try {
    one.read(undefined as never);
  } catch (e) {
    return (e as Error).name === 'Unreadable';
  }
  return false;
});

describe('what is read gives what the file gives', () => {
  test.each(cases.map((node) => ({ name: named(node), node })))('$name', async ({ node }) => {
    const bytes = oneNode(node);
    const feeds = Object.fromEntries(node.inputs.flatMap((t, i) => (t && !('constant' in t) ? [[`x${i}`, t]] : [])));
    const session = await openBytes(bytes);
    const wanted = await session.run(feeds);
    await session.close();
    const graph = toGraph(readModel(bytes), 'one node');
    expect(unknown(graph)).toEqual([]);
    const outputs = Object.fromEntries(graph.outputs);
    const got = await evaluate(outputs, feeds);
    for (const [name, t] of Object.entries(wanted)) {
      expect(got[name]!.shape).toEqual(t.shape);
      expect(got[name]!.dtype).toBe(t.dtype);
      expectClose(numbers(got[name]!), numbers(t), 2e-5, name);
    }
  });
});

test('every import has a case, or a reason why it is not read', () => {
  const known = new Set([
    ...cases.map((c) => `${c.domain ?? ''}:${c.onnx}`),
    ...refusals.map((one) => `${one.domain}:${one.onnx}`),
  ]);
  expect(imports.map((one) => `${one.domain}:${one.onnx}`).filter((name) => !known.has(name))).toEqual([]);
});
