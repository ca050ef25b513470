import type { Value } from '../../../src/graph/graph.ts';
import * as c from '../../../src/ops/conv.ts';
import * as p from '../../../src/ops/pool.ts';
import { BlockMean, blockMean, Upsample, upsample } from '../../../src/ops/resample.ts';
import { apart, at, every, floats, type Plain, type Precision, type Sample } from '../check.ts';

const single: readonly Precision[] = ['float32'];

interface Window {
  readonly stride: readonly number[];
  readonly pads: readonly number[];
  readonly dilation: readonly number[];
}

/** The cells of x that a window sees, as values; undefined beyond the border. */
function cells(x: Plain, n: number, channel: number, place: readonly number[], kernel: readonly number[], w: Window) {
  const sizes = x.shape.slice(2);
  return every(kernel, (...k) => {
    const cell = place.map((o, i) => o * w.stride[i]! - w.pads[i]! + k[i]! * w.dilation[i]!);
    return cell.every((q, i) => q >= 0 && q < sizes[i]!) ? at(x, n, channel, ...cell) : Number.NaN;
  });
}

const counts = (x: Plain, kernel: readonly number[], w: Window): readonly number[] =>
  kernel.map((k, i) => {
    const room = x.shape[i + 2]! + w.pads[i]! + w.pads[i + kernel.length]! - (k - 1) * w.dilation[i]! - 1;
    return Math.floor(room / w.stride[i]!) + 1;
  });

const sumOf = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const inside = (list: readonly number[]): readonly number[] => list.filter((v) => !Number.isNaN(v));

/** The definition of a convolution, one output at a time. */
const convolved = (x: Plain, w: Plain, groups: number, window: Window, b?: Plain): readonly number[] => {
  const [m, per, ...kernel] = w.shape;
  return every([x.shape[0]!, m!, ...counts(x, kernel, window)], (n, o, ...place) => {
    const first = Math.floor(o / (m! / groups)) * per!;
    const parts = every([per!], (ch) => {
      const weights = every(kernel, (...k) => at(w, o, ch, ...k));
      return sumOf(cells(x, n, first + ch, place, kernel, window).map((v, i) => (Number.isNaN(v) ? 0 : v * weights[i]!)));
    });
    return sumOf(parts) + (b ? b.data[o]! : 0);
  });
};

interface Case {
  readonly name: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly groups?: number;
  readonly stride?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilation?: readonly number[];
  readonly bias?: true;
}

const cases: readonly Case[] = [
  { name: 'with padding and bias', x: [2, 2, 4, 3], w: [3, 2, 3, 3], pads: [1, 1, 1, 1], bias: true },
  { name: 'pointwise', x: [2, 3, 2, 2], w: [2, 3, 1, 1] },
  { name: 'stride 2 that leaves a rest', x: [1, 2, 6, 5], w: [2, 2, 3, 3], stride: [2, 2], pads: [1, 1, 1, 1] },
  { name: 'pointwise with stride', x: [1, 2, 4, 5], w: [2, 2, 1, 1], stride: [2, 2] },
  { name: 'dilated', x: [1, 1, 6, 5], w: [2, 1, 2, 2], dilation: [2, 3] },
  { name: 'in groups', x: [1, 4, 3, 3], w: [4, 2, 2, 2], groups: 2 },
  {
    name: 'depthwise with stride and uneven padding',
    x: [2, 3, 4, 4],
    w: [3, 1, 3, 3],
    groups: 3,
    stride: [2, 2],
    pads: [0, 0, 1, 1],
  },
  { name: 'depthwise, two kernels a channel', x: [1, 2, 3, 3], w: [4, 1, 2, 2], groups: 2 },
  { name: 'in one dimension', x: [2, 2, 6], w: [2, 2, 3], stride: [2], pads: [2, 1], dilation: [2] },
  { name: 'in three dimensions', x: [1, 1, 3, 3, 2], w: [2, 1, 2, 2, 2], pads: [1, 0, 0, 0, 0, 0] },
  { name: 'many channels into few', x: [2, 8, 4, 3], w: [2, 8, 2, 2], pads: [1, 0, 1, 1], bias: true },
  {
    name: 'many channels into one with stride and holes',
    x: [1, 4, 7, 5],
    w: [1, 4, 2, 2],
    stride: [2, 1],
    pads: [1, 1, 0, 1],
    dilation: [2, 3],
  },
  { name: 'padding beyond the kernel', x: [1, 1, 3, 3], w: [1, 1, 2, 2], pads: [2, 2, 2, 2] },
];

const windowOf = ({ w, stride, pads, dilation }: Case): Window => {
  const ones = w.slice(2).map(() => 1);
  return { stride: stride ?? ones, pads: pads ?? [...ones, ...ones].map(() => 0), dilation: dilation ?? ones };
};
const options = (one: Case): c.ConvOptions => {
  const { stride, pads, dilation } = windowOf(one);
  return { stride, padding: pads, dilation, groups: one.groups ?? 1 };
};

const convSamples: readonly Sample[] = cases.map((one) => ({
  of: c.Conv,
  name: one.name,
  inputs: [floats(...one.x), floats(...one.w), ...(one.bias ? [floats(one.w[0]!)] : [])],
  build: (x: Value, w: Value, b?: Value) => c.conv(x, w, b, options(one)),
  expected: (x: Plain, w: Plain, b?: Plain) => [convolved(x, w, one.groups ?? 1, windowOf(one), b)],
  precisions: single,
}));

/** The gradients of a convolution as operators of their own: `dy` is an input. */
const gradSamples: readonly Sample[] = cases.flatMap((one): readonly Sample[] => {
  const window = windowOf(one);
  const attrs = { strides: window.stride, pads: window.pads, dilations: window.dilation, group: one.groups ?? 1 };
  const dy = [one.x[0]!, one.w[0]!, ...counts({ shape: one.x, data: [] }, one.w.slice(2), window)];
  return [
    {
      of: c.ConvInputGrad,
      name: one.name,
      inputs: [floats(...one.w), floats(...dy)],
      build: (w, g) => c.ConvInputGrad([w, g], { ...attrs, shape: one.x }),
      precisions: single,
    },
    {
      of: c.ConvWeightGrad,
      name: one.name,
      inputs: [floats(...one.x), floats(...dy)],
      build: (x, g) => c.ConvWeightGrad([x, g], { ...attrs, shape: one.w }),
      precisions: single,
    },
  ];
});

const transposedSamples: readonly Sample[] = [
  {
    of: c.ConvTranspose,
    name: 'with stride, padding and bias',
    inputs: [floats(1, 2, 3, 2), floats(2, 3, 3, 3), floats(3)],
    build: (x, w, b) => c.convTranspose(x, w, b, { stride: 2, padding: 1, outputPadding: 1 }),
    precisions: single,
  },
  {
    of: c.ConvTranspose,
    name: 'in groups, dilated',
    inputs: [floats(1, 4, 3), floats(4, 1, 2)],
    build: (x, w) => c.convTranspose(x, w, undefined, { dilation: 2, groups: 2 }),
    expected: (x, w) => [
      every([1, 2, 5], (_, o, q) =>
        sumOf(
          every([2, 2], (i, k) =>
            q - 2 * k >= 0 && q - 2 * k < 3 ? at(x!, 0, 2 * o + i, q - 2 * k) * at(w!, 2 * o + i, 0, k) : 0,
          ),
        ),
      ),
    ],
    precisions: single,
  },
];

interface PoolCase {
  readonly name: string;
  readonly x: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pads: readonly number[];
  readonly dilation?: readonly number[];
  readonly ceil?: readonly number[];
}

/** `ceil`: the counts when the last window may hang over the end. */
const pools: readonly PoolCase[] = [
  { name: 'side by side', x: [2, 2, 4, 2], kernel: [2, 2], stride: [2, 2], pads: [0, 0, 0, 0] },
  { name: 'side by side with a rest', x: [1, 2, 5, 3], kernel: [2, 2], stride: [2, 2], pads: [0, 0, 0, 0] },
  { name: 'overlapping, padded', x: [1, 2, 5, 4], kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1] },
  { name: 'stride 1', x: [1, 1, 4, 3], kernel: [3, 2], stride: [1, 1], pads: [1, 0, 1, 0] },
  { name: 'hanging over', x: [1, 1, 6, 5], kernel: [3, 2], stride: [2, 2], pads: [0, 0, 0, 0], ceil: [3, 3] },
  { name: 'padded and hanging over', x: [1, 1, 6, 6], kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1], ceil: [4, 4] },
  { name: 'dilated', x: [1, 1, 7], kernel: [3], stride: [1], pads: [1, 1], dilation: [2] },
  { name: 'in three dimensions', x: [1, 1, 4, 2, 2], kernel: [2, 2, 1], stride: [2, 2, 1], pads: [0, 0, 0, 0, 0, 0] },
];

const pooled = (x: Plain, one: PoolCase, value: (list: readonly number[]) => number): readonly (readonly number[])[] => {
  const window = { stride: one.stride, pads: one.pads, dilation: one.dilation ?? one.kernel.map(() => 1) };
  const shape = [...x.shape.slice(0, 2), ...(one.ceil ?? counts(x, one.kernel, window))];
  return [every(shape, (n, ch, ...place) => value(cells(x, n, ch, place, one.kernel, window)))];
};

const poolOptions = ({ stride, pads, dilation, ceil }: PoolCase): p.PoolOptions => ({
  stride,
  padding: pads,
  ...(dilation && { dilation }),
  ceil: ceil !== undefined,
});

const maxSamples: readonly Sample[] = pools.map((one) => ({
  of: p.MaxPool,
  name: one.name,
  inputs: [apart(...one.x)],
  build: (x) => p.maxPool(x, one.kernel, poolOptions(one)),
  expected: (x) => pooled(x!, one, (list) => Math.max(...inside(list))),
  precisions: single,
}));

/** Their own derivatives: the places of the maxima are settled, values flow through them. */
const maxGradSamples: readonly Sample[] = pools.flatMap((one): readonly Sample[] => {
  const attrs = {
    kernel_shape: one.kernel,
    strides: one.stride,
    pads: one.pads,
    dilations: one.dilation ?? one.kernel.map(() => 1),
    ceil_mode: Number(one.ceil !== undefined),
  };
  const window = { stride: one.stride, pads: one.pads, dilation: attrs.dilations };
  const dy = [...one.x.slice(0, 2), ...(one.ceil ?? counts({ shape: one.x, data: [] }, one.kernel, window))];
  return [
    {
      of: p.MaxPoolGrad,
      name: one.name,
      inputs: [apart(...one.x), floats(...dy)],
      build: (x, g) => p.MaxPoolGrad([x, p.MaxPool([x], attrs), g], attrs),
      precisions: single,
    },
    {
      of: p.MaxPoolPick,
      name: one.name,
      inputs: [apart(...one.x), floats(...one.x)],
      build: (x, v) => p.MaxPoolPick([x, p.MaxPool([x], attrs), v], attrs),
      precisions: single,
    },
    {
      of: p.AveragePoolGrad,
      name: one.name,
      inputs: [floats(...dy)],
      build: (g) => p.AveragePoolGrad([g], { ...attrs, count_include_pad: 0, shape: one.x }),
      precisions: single,
    },
  ];
});

const averageSamples: readonly Sample[] = pools.flatMap((one): readonly Sample[] => [
  {
    of: one.name === 'side by side' || one.name === 'in three dimensions' ? BlockMean : p.AveragePool,
    name: one.name,
    inputs: [floats(...one.x)],
    build: (x) => p.averagePool(x, one.kernel, poolOptions(one)),
    expected: (x) => pooled(x!, one, (list) => sumOf(inside(list)) / inside(list).length),
    precisions: single,
  },
  ...(one.name === 'overlapping, padded'
    ? [
        {
          of: p.AveragePool,
          name: 'counting the padding',
          inputs: [floats(...one.x)],
          build: (x: Value) => p.averagePool(x, one.kernel, { ...poolOptions(one), countPadding: true }),
          expected: (x: Plain) => pooled(x, one, (list) => sumOf(inside(list)) / list.length),
          precisions: single,
        },
      ]
    : []),
]);

const resampleSamples: readonly Sample[] = [
  {
    of: Upsample,
    inputs: [floats(1, 2, 2, 3)],
    build: (x) => upsample(x, [2, 3]),
    expected: (x) => [every([1, 2, 4, 9], (n, ch, i, j) => at(x!, n, ch, Math.floor(i / 2), Math.floor(j / 3)))],
    precisions: single,
  },
  { of: BlockMean, inputs: [floats(1, 2, 4, 3)], build: (x) => blockMean(x, [2, 3]), precisions: single },
];

export const windowSamples: readonly Sample[] = [
  ...convSamples,
  ...gradSamples,
  ...transposedSamples,
  ...maxSamples,
  ...maxGradSamples,
  ...averageSamples,
  ...resampleSamples,
];
