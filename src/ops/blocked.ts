import { type AttrValue, Graph, type Node, type Value } from '../graph/graph.ts';
import { type Shape, type Tensor, type TensorType, tensor } from '../graph/type.ts';
import { type Applied, type EmittedAttr, int64s, type Op, op, type Target } from './define.ts';
import { type WindowAttrs, windowCounts } from './window.ts';

/**
 * Operators of ONNX Runtime's blocked layout on the CPU ("NCHWc"): the logical shape stays [N, C, H, W] over memory
 * [N, C / block, H, W, block]. They are made by lowerings only, after differentiation.
 */
const domain = 'com.microsoft.nchwc';
const vjp = { unsupported: 'it is made after differentiation' } as const;

type Order = { readonly channels_last: number };

/** To the blocked layout, from [N, C, H, W] or, with `channels_last`, from [N, H, W, C]. */
export const ReorderInput: Op<Order> = op<Order>({
  onnx: 'ReorderInput',
  domain,
  attributes: { channels_last: ['int', 0] },
  infer: ([x], { channels_last }) => {
    const [n, a, b, c] = x!.shape;
    return { dtype: x!.dtype, shape: channels_last ? [n!, c!, a!, b!] : x!.shape };
  },
  vjp,
});

/** From the blocked layout, to [N, C, H, W] or, with `channels_last`, to [N, H, W, C]. */
export const ReorderOutput: Op<Order> = op<Order>({
  onnx: 'ReorderOutput',
  domain,
  infer: ([x], { channels_last }) => {
    const [n, c, h, w] = x!.shape;
    return { dtype: x!.dtype, shape: channels_last ? [n!, h!, w!, c!] : x!.shape };
  },
  vjp,
  emit: (e, inputs, { inputs: [x], attrs }, outputs) =>
    e.node(
      'ReorderOutput',
      inputs,
      { channels: intAttr(x!.shape[1] as number), channels_last: intAttr(attrs.channels_last as number) },
      outputs,
    ),
});

export type BlockedConvAttrs = WindowAttrs & {
  readonly kernel_shape: readonly number[];
  readonly group: number;
  /** What is done to the sum of everything. */
  readonly activation?: 'Relu';
};

/**
 * Convolution of blocked x [N, C, H, W] by blocked weights, plus a bias [M] and a blocked summand of the shape of the result, both
 * optional. With fewer channels than a block (one group), x is in the ordinary layout.
 */
export const BlockedConv: Op<BlockedConvAttrs> = op<BlockedConvAttrs>({
  onnx: 'Conv',
  domain,
  infer: ([x, w], attrs) => ({
    dtype: x!.dtype,
    shape: [x!.shape[0]!, w!.shape[0]!, ...windowCounts(x!, attrs.kernel_shape, attrs, 'blocked Conv')],
  }),
  vjp,
  emit: (e, inputs, node, outputs) => {
    const ints = (name: keyof BlockedConvAttrs): EmittedAttr => ({ kind: 'ints', value: node.attrs[name] as readonly number[] });
    const { activation } = node.attrs;
    const attrs = {
      kernel_shape: ints('kernel_shape'),
      strides: ints('strides'),
      pads: ints('pads'),
      dilations: ints('dilations'),
      group: intAttr(node.attrs.group as number),
      ...(activation !== undefined && { activation: { kind: 'string', value: activation as string } as const }),
    };
    if (!pointwise(node)) return e.node('Conv', inputs, attrs, outputs);
    // A kernel that sees no neighbours may take the picture as one row, which the kernels are quicker with.
    const viewed = (name: string, shape: Shape): string => {
      if (name === '') return '';
      const view = e.fresh();
      e.node('Reshape', [name, e.constant(int64s(shape as number[]))], {}, [view], '');
      return view;
    };
    const row = ({ shape: [n, c, h, w] }: Value): Shape => [n!, c!, 1, (h as number) * (w as number)];
    const [x, w, bias = '', sum = ''] = inputs;
    const y = node.outputs[0]!;
    const flat = e.fresh();
    e.node('Conv', [viewed(x!, row(node.inputs[0]!)), w!, bias, viewed(sum, row(y))], attrs, [flat]);
    e.node('Reshape', [flat, e.constant(int64s(y.shape as number[]))], {}, outputs, '');
  },
});

const intAttr = (value: number): EmittedAttr => ({ kind: 'int', value });

const pointwise = ({ attrs, inputs }: Pick<Node, 'attrs' | 'inputs'>): boolean => {
  const every = (list: AttrValue, value: number): boolean => (list as readonly number[]).every((n) => n === value);
  return every(attrs.kernel_shape, 1) && every(attrs.strides, 1) && every(attrs.pads, 0) && (inputs[0]!.shape[2] as number) > 1;
};

/** Means over the spatial axes: blocked [N, C, H, W] to [N, C, 1, 1], which lies the same way in both layouts. */
export const BlockedGlobalAverage: Op = op({
  onnx: 'GlobalAveragePool',
  domain,
  infer: ([x]) => ({ dtype: x!.dtype, shape: [x!.shape[0]!, x!.shape[1]!, 1, 1] }),
  vjp,
});

type PoolAttrs = WindowAttrs & { readonly kernel_shape: readonly number[] };

const pool = (onnx: 'MaxPool' | 'AveragePool'): Op<PoolAttrs> =>
  op<PoolAttrs>({
    onnx,
    domain,
    attributes: { kernel_shape: ['ints'], strides: ['ints'], pads: ['ints'], dilations: ['ints'] },
    infer: ([x], attrs) => ({
      dtype: x!.dtype,
      shape: [...x!.shape.slice(0, 2), ...windowCounts(x!, attrs.kernel_shape, attrs, `blocked ${onnx}`)],
    }),
    vjp,
  });

export const BlockedMaxPool = pool('MaxPool');
/** Padding is not counted. */
export const BlockedAveragePool = pool('AveragePool');

type Scales = { readonly scales: readonly number[] };

/** Every cell repeated over a block; one factor for each of the four axes. */
export const BlockedUpsample: Op<Scales> = op<Scales>({
  onnx: 'Upsample',
  domain,
  infer: ([x], { scales }) => ({ dtype: x!.dtype, shape: x!.shape.map((d, i) => (d as number) * scales[i]!) }),
  vjp,
  emit: (e, inputs, { attrs }, outputs) =>
    e.node(
      'Upsample',
      inputs,
      {
        scales: { kind: 'ints', value: attrs.scales as readonly number[] },
        mode: { kind: 'string', value: 'nearest' },
        coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' },
      },
      outputs,
    ),
});

type Phases = { readonly phases: readonly [number, number]; readonly block: number };

/**
 * Phases of a picture, interleaved: blocked [N, p·q·C, H, W], phase by phase, to blocked [N, C, p·H, q·W]; cell (p·i + a, q·j + b)
 * of the result is cell (i, j) of phase (a, b).
 */
export const Interleave: Op<Phases> = op<Phases>({
  onnx: 'Interleave',
  domain,
  infer: ([x], { phases: [p, q] }) => {
    const [n, c, h, w] = x!.shape as readonly number[];
    return { dtype: x!.dtype, shape: [n!, c! / (p * q), p * h!, q * w!] };
  },
  vjp,
  emit: (e, [x], node, outputs) => {
    const { phases, block } = node.attrs as Phases;
    const [n, c, h, w] = node.inputs[0]!.shape as readonly number[];
    const apart = [n!, ...phases, c! / (phases[0] * phases[1] * block), h!, w!, block];
    const [split, moved] = [e.fresh(), e.fresh()];
    e.node('Reshape', [x!, e.constant(int64s(apart))], {}, [split], '');
    e.node('Transpose', [split], { perm: { kind: 'ints', value: [0, 3, 4, 1, 5, 2, 6] } }, [moved], '');
    e.node('Reshape', [moved, e.constant(int64s(node.outputs[0]!.shape as number[]))], {}, outputs, '');
  },
});

export const toBlocked = (x: Value): Value => ReorderInput([x], { channels_last: 0 });
export const fromBlocked = (x: Value): Value => ReorderOutput([x], { channels_last: 0 });

/** Whether the blocked layout can hold a value: four axes of known sizes, whole blocks of channels, single precision. */
export const fitsBlocks = ({ dtype, shape }: TensorType, { provider, block }: Target): boolean =>
  provider === 'cpu' &&
  block > 0 &&
  dtype === 'float32' &&
  shape.length === 4 &&
  shape.every((d) => typeof d === 'number') &&
  (shape[1] as number) % block === 0;

/** Whether the first input and the result of a node can both be blocked. */
export const blocksFit = ({ inputs: [x], outputs: [y] }: Pick<Applied, 'inputs' | 'outputs'>, target: Target): boolean =>
  fitsBlocks(x!.type, target) && fitsBlocks(y!.type, target);

const probeChannels = 16;
const probePixels = 2;
/** Sizes of blocks that processors have, the likeliest first. */
const blockSizes = [16, 8, 4];

/** Shows how large the engine's blocks are: what it makes of `x`, numbers from 0 on, is told apart by `blockIn`. */
export function blockProbe(): { readonly graph: Graph; readonly x: Tensor } {
  const graph = new Graph();
  const count = probeChannels * probePixels;
  const x = tensor('float32', [1, probeChannels, 1, probePixels], [...Array(count).keys()]);
  graph.output('y', toBlocked(graph.input('x', { dtype: x.dtype, shape: x.shape })));
  return { graph, x };
}

/** Channels per block of what a probe gave; 0 if it is in no blocks. */
export function blockIn(y: Tensor): number {
  const from = (block: number, i: number): number => {
    const pixel = Math.floor(i / block) % probePixels;
    const channel = Math.floor(i / (block * probePixels)) * block + (i % block);
    return channel * probePixels + pixel;
  };
  return blockSizes.find((block) => Array.from(y.data as Float32Array).every((v, i) => v === from(block, i))) ?? 0;
}
