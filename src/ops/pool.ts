import type { Value } from '../graph/graph.ts';
import { type TensorType, tensor } from '../graph/type.ts';
import { type Import, type NodeReader, type Op, op, Unreadable } from './define.ts';
import { abs, add, div, mul, pow } from './elementwise.ts';
import type { AverageAttrs, AverageGradAttrs, PoolAttrs } from './pool-lowerings/attrs.ts';
import { blockedAverage, blockedMax, blockedMaxGrad, blockedMaxPick } from './pool-lowerings/blocked.ts';
import { maxGradByBlocks, maxPickByBlocks, sideBySide } from './pool-lowerings/blocks.ts';
import { fold } from './pool-lowerings/fold.ts';
import { maxGradByIndices } from './pool-lowerings/indices.ts';
import { maxGradByViews, maxPickByViews } from './pool-lowerings/views.ts';
import { reduceMax, reduceMean, reduceSum } from './reduce.ts';
import { blockMean } from './resample.ts';
import { reshape } from './shape.ts';
import {
  type PerAxis,
  perAxis,
  positions,
  readWindow,
  spatialSizes,
  type WindowOptions,
  windowAttrs,
  windowCounts,
} from './window.ts';

const table = {
  kernel_shape: ['ints'],
  strides: ['ints'],
  pads: ['ints'],
  dilations: ['ints'],
  ceil_mode: ['int', 0],
} as const;

/** [N, C, ...counts]; a window that would begin beyond the input is left out. */
function pooled(x: Value, attrs: PoolAttrs, where: string): TensorType {
  const round = attrs.ceil_mode ? Math.ceil : Math.floor;
  const sizes = spatialSizes(x, where);
  const counts = windowCounts(x, attrs.kernel_shape, attrs, where, round).map((n, i) =>
    (n - 1) * attrs.strides[i]! >= sizes[i]! + attrs.pads[i]! ? n - 1 : n,
  );
  return { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...counts] };
}

const only = ({ kernel_shape, strides, pads, dilations, ceil_mode }: PoolAttrs): PoolAttrs => ({
  kernel_shape,
  strides,
  pads,
  dilations,
  ceil_mode,
});

/** The largest cell of each window. Equal maxima of one window each receive the whole cotangent. */
export const MaxPool: Op<PoolAttrs> = op<PoolAttrs>({
  onnx: 'MaxPool',
  attributes: table,
  infer: ([x], attrs) => pooled(x!, attrs, 'MaxPool'),
  vjp: (g, { inputs: [x], outputs: [y], attrs }) => [MaxPoolGrad([x!, y!, g], only(attrs))],
  read: (r) => {
    if (r.outputs > 1) throw new Unreadable('the indices are used');
    return MaxPool([r.input(0)], readPool(r));
  },
  lowerings: [blockedMax],
});

/** The gradient of a maximum: from input, output and cotangent to the cotangent of the input. */
export const MaxPoolGrad: Op<PoolAttrs> = op<PoolAttrs>({
  onnx: 'MaxPoolGrad',
  domain: 'potstill',
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x, y], attrs }) => [null, null, MaxPoolPick([x!, y!, g], attrs)],
  lowerings: [blockedMaxGrad, maxGradByBlocks, maxGradByIndices, maxGradByViews],
});

/** What stands in a third value where the windows of the first have their maxima: the transpose of `MaxPoolGrad`. */
export const MaxPoolPick: Op<PoolAttrs> = op<PoolAttrs>({
  onnx: 'MaxPoolPick',
  domain: 'potstill',
  infer: ([, y]) => y!.type,
  vjp: (g, { inputs: [x, y], attrs }) => [null, null, MaxPoolGrad([x!, y!, g], attrs)],
  lowerings: [blockedMaxPick, maxPickByBlocks, maxPickByViews],
});

/** The mean of each window; with `count_include_pad` 1 the padding counts as zeros. */
export const AveragePool: Op<AverageAttrs> = op<AverageAttrs>({
  onnx: 'AveragePool',
  attributes: { ...table, count_include_pad: ['int', 0] },
  infer: ([x], attrs) => pooled(x!, attrs, 'AveragePool'),
  vjp: (g, { inputs: [x], attrs }) => [
    AveragePoolGrad([g], { ...only(attrs), count_include_pad: attrs.count_include_pad, shape: x!.shape as readonly number[] }),
  ],
  read: (r) => averageOf(r.input(0), { ...readPool(r), count_include_pad: r.int('count_include_pad', 0) }),
  lowerings: [blockedAverage],
});

/** How many cells each window averages over, as [1, 1, ...counts]. */
function cells(attrs: AverageGradAttrs, counts: readonly number[]): readonly number[] {
  const { kernel_shape, strides, pads, dilations, count_include_pad, shape } = attrs;
  const rank = kernel_shape.length;
  const along = counts.map((n, i) => {
    const size = shape[i + 2]!;
    const [low, high] = count_include_pad ? [-pads[i]!, size + pads[i + rank]!] : [0, size];
    return Array.from({ length: n }, (_, at) => {
      const start = at * strides[i]! - pads[i]!;
      const cell = Array.from({ length: kernel_shape[i]! }, (__, k) => start + k * dilations[i]!);
      return cell.filter((p) => p >= low && p < high).length;
    });
  });
  return positions(counts).map((at) => at.reduce((n, p, i) => n * along[i]![p]!, 1));
}

/** The gradient of a mean: spreads the cotangent of each window over its cells. */
export const AveragePoolGrad: Op<AverageGradAttrs> = op<AverageGradAttrs>({
  onnx: 'AveragePoolGrad',
  domain: 'potstill',
  infer: ([dy], { shape }) => ({ dtype: dy!.dtype, shape }),
  vjp: (g, { attrs }) => [AveragePool([g], { ...only(attrs), count_include_pad: attrs.count_include_pad })],
  lowerings: [
    {
      name: 'fold',
      applies: () => true,
      build: ([dy], attrs) => {
        const counts = spatialSizes(dy!, 'AveragePool');
        const shares = cells(attrs, counts).map((n) => 1 / n);
        const shared = mul(dy!, dy!.graph.constant(tensor(dy!.dtype, [1, 1, ...counts], shares)));
        const ones = positions(attrs.kernel_shape).map(() => 1);
        return [fold(shared, [ones], attrs.kernel_shape, attrs, attrs.shape.slice(2))];
      },
    },
  ],
});

/** Blocks that tile the input have derivatives of their own, without a detour. */
const averageOf = (x: Value, attrs: AverageAttrs): Value => {
  const tiles = sideBySide(attrs) && spatialSizes(x, 'AveragePool').every((size, i) => size % attrs.kernel_shape[i]! === 0);
  return tiles ? blockMean(x, attrs.kernel_shape) : AveragePool([x], attrs);
};

/** The stride is the kernel unless told. */
export interface PoolOptions extends WindowOptions {
  readonly ceil?: boolean;
}

const poolAttrs = (x: Value, kernel: PerAxis, options: PoolOptions): PoolAttrs => {
  const kernel_shape = perAxis(kernel, x.rank - 2);
  return {
    ...windowAttrs({ stride: kernel_shape, ...options }, x.rank - 2),
    kernel_shape,
    ceil_mode: Number(options.ceil ?? false),
  };
};

/** The largest cell of each window over [N, C, ...]. */
export const maxPool = (x: Value, kernel: PerAxis, options: PoolOptions = {}): Value =>
  MaxPool([x], poolAttrs(x, kernel, options));

/** The mean of each window over [N, C, ...]; `countPadding` makes padding count as zeros, as PyTorch does. */
export const averagePool = (
  x: Value,
  kernel: PerAxis,
  { countPadding = false, ...options }: PoolOptions & { readonly countPadding?: boolean } = {},
): Value => averageOf(x, { ...poolAttrs(x, kernel, options), count_include_pad: Number(countPadding) });

const spatial = (x: Value): readonly number[] => x.shape.slice(2).map((_, i) => i + 2);
/** Means over the spatial axes: [N, C, 1, ...], or [N, C] without `keepdims`. */
export const globalAveragePool = (x: Value, keepdims = true): Value => reduceMean(x, spatial(x), keepdims);
/** Maxima over the spatial axes: [N, C, 1, ...], or [N, C] without `keepdims`. */
export const globalMaxPool = (x: Value, keepdims = true): Value => reduceMax(x, spatial(x), keepdims);

function readPool(r: NodeReader): PoolAttrs {
  const kernel_shape = r.ints('kernel_shape');
  if (r.int('storage_order', 0) !== 0) throw new Unreadable('column-major indices are not read');
  return { ...readWindow(r, kernel_shape), kernel_shape, ceil_mode: r.int('ceil_mode', 0) };
}

/** (Σ |x|^p)^(1/p) over each window. */
const readLpPool = (r: NodeReader): Value => {
  const p = r.int('p', 2);
  const attrs = { ...readPool(r), count_include_pad: 1 };
  const volume = attrs.kernel_shape.reduce((a, b) => a * b, 1);
  const sums = mul(averageOf(pow(abs(r.input(0)), p), attrs), volume);
  return pow(sums, 1 / p);
};

/** x divided by (bias + alpha·mean of x² over neighbouring channels)^beta. */
const readLrn = (r: NodeReader): Value => {
  const x = r.input(0);
  const size = r.int('size');
  const flat = reshape(mul(x, x), [x.shape[0]!, 1, x.shape[1]!, -1]);
  const pads = [Math.floor((size - 1) / 2), 0, Math.ceil((size - 1) / 2), 0];
  const means = averagePool(flat, [size, 1], { stride: 1, padding: pads, countPadding: true });
  const base = add(mul(reshape(means, x.shape), r.float('alpha', 0.0001)), r.float('bias', 1));
  return div(x, pow(base, r.float('beta', 0.75)));
};

/** Every entry of this file. */
export const poolOps: readonly Op[] = [
  ...[MaxPool as Op, MaxPoolGrad as Op, MaxPoolPick as Op],
  ...[AveragePool as Op, AveragePoolGrad as Op],
];

export const poolImports: readonly Import[] = [
  { onnx: 'GlobalAveragePool', domain: '', read: (r) => globalAveragePool(r.input(0)) },
  { onnx: 'GlobalMaxPool', domain: '', read: (r) => globalMaxPool(r.input(0)) },
  {
    onnx: 'GlobalLpPool',
    domain: '',
    read: (r) => pow(reduceSum(pow(abs(r.input(0)), r.int('p', 2)), spatial(r.input(0))), 1 / r.int('p', 2)),
  },
  { onnx: 'LpPool', domain: '', read: readLpPool },
  { onnx: 'LRN', domain: '', read: readLrn },
];
