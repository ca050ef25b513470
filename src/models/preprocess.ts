import type { Value } from '../graph/graph.ts';
import { showType, type Tensor, tensor } from '../graph/type.ts';
import { add, cast, equal, mul } from '../ops/elementwise.ts';
import { gather } from '../ops/gather.ts';
import { matmul } from '../ops/linalg.ts';
import { concat, slice } from '../ops/movement.ts';
import { reduceSum } from '../ops/reduce.ts';
import { flatten, transpose } from '../ops/shape.ts';
import { ModelError } from './error.ts';
import { isGuessed } from './tokens.ts';

/** How a model wants its input; what `data/preprocess.ts` parses a recipe into. */
export interface PreprocessSpec {
  readonly resize?:
    | { readonly height: number; readonly width: number; readonly mode: 'nearest' | 'bilinear' | 'area' }
    | undefined;
  readonly channels: 'rgb' | 'bgr' | 'grey' | 'repeat';
  /** Factor on 0…1, before mean and std. */
  readonly scale: number;
  /** One number, or one a channel in the order of the model. */
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  readonly layout: 'nchw' | 'nhwc';
  readonly flatten: boolean;
  /** Of rows: positions of the only ones that the model sees. */
  readonly columns?: readonly number[] | undefined;
  /** Of pairs of texts: the only one that the model sees. */
  readonly texts?: 'first' | undefined;
}

/**
 * The preprocessing of a model as a part of its graph: gradients pass through it.
 *
 * @param view Pictures [N,C,H,W] in RGB order with numbers from 0 to 1, rows [N,D], or tokens [N,2,L], which stay as they are
 *   but for those of a text that the model does not see.
 */
export function preprocessGraph(view: Value, spec: PreprocessSpec): Value {
  if (view.rank === 3) return spec.texts ? firstText(view) : view;
  const picture = view.rank === 4;
  if (!picture && (spec.resize || spec.channels !== 'rgb' || spec.layout !== 'nchw')) {
    throw new ModelError(
      'bad-option',
      `preprocess: resize, channels and layout are for pictures; the view is ${showType(view.type)}`,
    );
  }
  const seen = spec.columns ? gather(view, int64s(view, spec.columns), 1) : view;
  const resized = spec.resize ? resize(seen, spec.resize) : seen;
  const coloured = channelOrders[spec.channels](resized);
  const normalised = normalise(coloured, spec);
  const laid = spec.layout === 'nhwc' ? transpose(normalised, [0, 2, 3, 1]) : normalised;
  return spec.flatten && picture ? flatten(laid, 1) : laid;
}

const int64s = (view: Value, numbers: readonly number[]): Value =>
  view.graph.constant(tensor('int64', [numbers.length], numbers));

/** Tokens of the second text become padding, which comes last as before. */
function firstText(view: Value): Value {
  if (isGuessed(view.shape)) {
    throw new ModelError(
      'bad-option',
      'preprocess.texts: words of both texts are hidden; expected no masks; take one of the two out',
    );
  }
  const texts = slice(view, [1], [2], [1]);
  return mul(view, cast(equal(texts, 1), 'float32'));
}

/** ITU-R BT.601 luma. */
const luma: Tensor = tensor('float32', [1, 3, 1, 1], [0.299, 0.587, 0.114]);
const reversed: Tensor = tensor('int64', [3], [2, 1, 0]);

const channelOrders: Readonly<Record<PreprocessSpec['channels'], (x: Value) => Value>> = {
  rgb: (x) => x,
  bgr: (x) => gather(requireChannels(x, 3), x.graph.constant(reversed), 1),
  grey: (x) => reduceSum(mul(requireChannels(x, 3), x.graph.constant(luma)), [1]),
  repeat: (x) => concat([requireChannels(x, 1), x, x], 1),
};

function requireChannels(x: Value, count: number): Value {
  if (x.shape[1] === count) return x;
  throw new ModelError(
    'bad-shape',
    `preprocess: the channel order needs pictures with ${count}, the view is ${showType(x.type)}`,
  );
}

/** (x · scale − mean) / std as one product and one sum. */
function normalise(x: Value, { scale, mean, std }: PreprocessSpec): Value {
  const [means, stds] = [[mean].flat(), [std].flat()];
  const count = Math.max(means.length, stds.length);
  if (count > 1 && [means, stds].some((list) => list.length !== 1 && list.length !== x.shape[1])) {
    throw new ModelError(
      'bad-shape',
      `preprocess: mean and std have ${means.length} and ${stds.length} numbers for ${showType(x.type)}`,
    );
  }
  const at = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i]!;
  const channels = Array.from({ length: count }, (_, i) => ({ factor: scale / at(stds, i), shift: -at(means, i) / at(stds, i) }));
  const factors = channels.map((c) => c.factor);
  const shifts = channels.map((c) => c.shift);
  const constant = (list: readonly number[]): Value =>
    count === 1
      ? x.graph.scalar(list[0]!)
      : x.graph.constant(tensor('float32', [1, count, ...Array<number>(x.rank - 2).fill(1)], list));
  const scaled = factors.every((f) => f === 1) ? x : mul(x, constant(factors));
  return shifts.every((s) => s === 0) ? scaled : add(scaled, constant(shifts));
}

/** Weights of the input pixels, one row an output pixel. */
const interpolations: Readonly<
  Record<
    NonNullable<PreprocessSpec['resize']>['mode'],
    (i: number, from: number, to: number) => readonly (readonly [number, number])[]
  >
> = {
  nearest: (i, from, to) => [[Math.floor((i * from) / to), 1]],
  bilinear: (i, from, to) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const near = Math.floor(at);
    return [
      [near, 1 - (at - near)],
      [Math.min(from - 1, near + 1), at - near],
    ];
  },
  area: (i, from, to) => {
    const [start, end] = [(i * from) / to, ((i + 1) * from) / to];
    const share = (p: number): number => Math.max(0, Math.min(end, p + 1) - Math.max(start, p)) / (end - start);
    return Array.from({ length: from }, (_, p) => [p, share(p)] as const).filter(([, weight]) => weight > 0);
  },
};

/** Both axes by a product with a matrix of weights: cheap for the sizes of pictures, and its gradient is a product again. */
function resize(x: Value, { height, width, mode }: NonNullable<PreprocessSpec['resize']>): Value {
  const [fromHeight, fromWidth] = [x.shape[2] as number, x.shape[3] as number];
  const weights = (from: number, to: number): Float32Array => {
    const data = new Float32Array(to * from);
    for (let i = 0; i < to; i++)
      for (const [place, weight] of interpolations[mode](i, from, to)) data[i * from + place]! += weight;
    return data;
  };
  const matrix = (from: number, to: number): Value =>
    x.graph.constant({ dtype: 'float32', shape: [to, from], data: weights(from, to) });
  const tall = height === fromHeight ? x : matmul(matrix(fromHeight, height), x);
  return width === fromWidth ? tall : matmul(tall, transpose(matrix(fromWidth, width), [1, 0]));
}
