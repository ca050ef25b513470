import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/type.ts';
import { gelu, relu, silu } from '../ops/activations.ts';
import { conv as convolve } from '../ops/conv.ts';
import { add, mul, sigmoid, tanh } from '../ops/elementwise.ts';
import { matmul } from '../ops/linalg.ts';
import { batchNormTrain, batchNorm as batchNormWith, layerNorm as layerNormWith, runningStatistics } from '../ops/norm.ts';
import { globalAveragePool } from '../ops/pool.ts';
import type { BuildContext } from './define.ts';
import { fanInUniform, heNormal, ones, zeros } from './init.ts';

const byName = { relu, tanh, sigmoid, gelu, silu };
const names = ['relu', 'tanh', 'sigmoid', 'gelu', 'silu'] as const satisfies readonly (keyof typeof byName)[];

export type ActivationName = (typeof names)[number];

/** Activations that options can name. */
export const activations = {
  names,
  of: (name: ActivationName): ((x: Value) => Value) => byName[name],
};

/** What a layer needs that has trained tensors and nothing else. */
export type Trains = Pick<BuildContext, 'param' | 'scope'>;

/** x·W + b for x [.., D]: `weight` is [D, units]. Starts as PyTorch's linear layer. */
export function linear(ctx: Trains, name: string, x: Value, units: number, { bias = true } = {}): Value {
  const inputs = x.shape.at(-1) as number;
  const init = fanInUniform(inputs);
  return ctx.scope(name, () => {
    const y = matmul(x, ctx.param('weight', [inputs, units], init));
    return bias ? add(y, ctx.param('bias', [units], init)) : y;
  });
}

/**
 * What a model gives of the vector that its head reads: a linear layer of so many outputs, or for none the vector itself.
 *
 * @param share Share of what the layer reads left out in training.
 */
export const answer = (ctx: BuildContext, name: string, x: Value, outputs: number, share = 0): Value =>
  outputs === 0 ? x : linear(ctx, name, dropout(ctx, 'drop', x, share), outputs);

export interface ConvOptions {
  readonly kernel?: number;
  readonly stride?: number;
  /** Pixels around the picture; as many as keep its size at stride 1 unless told. */
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  /** `in`: PyTorch's usual start, uniform by fan-in; `out`: normal with variance 2 / fan-out, for layers before a ReLU. */
  readonly fan?: 'in' | 'out';
}

/** How a convolution starts: its weights, and its bias. */
const starts = {
  in: (fanIn: number) => [fanInUniform(fanIn), fanInUniform(fanIn)],
  out: (_: number, fanOut: number) => [heNormal(fanOut), zeros],
} as const;

/** Convolution over x [N, C, H, W]: `weight` is [channels, C/groups, kernel, kernel]. */
export function conv(ctx: Trains, name: string, x: Value, channels: number, options: ConvOptions = {}): Value {
  const { kernel = 3, stride = 1, groups = 1, bias = true, fan = 'in' } = options;
  const { padding = (kernel - 1) / 2 } = options;
  const incoming = (x.shape[1] as number) / groups;
  const area = kernel * kernel;
  const [weights, biases] = starts[fan](incoming * area, (channels / groups) * area);
  return ctx.scope(name, () => {
    const w = ctx.param('weight', [channels, incoming, kernel, kernel], weights!);
    const b = bias ? ctx.param('bias', [channels], biases!) : undefined;
    return convolve(x, w, b, { stride, padding, groups });
  });
}

/**
 * Convolution along a sequence x [N, C, L]: as many answers as places, each from `size` places on, with zeros after the end. `weight`
 * is [channels, C, size].
 */
export function slidingConv(ctx: Trains, name: string, x: Value, channels: number, size: number): Value {
  const incoming = x.shape[1] as number;
  const init = fanInUniform(incoming * size);
  return ctx.scope(name, () =>
    convolve(x, ctx.param('weight', [channels, incoming, size], init), ctx.param('bias', [channels], init), {
      padding: [0, size - 1],
    }),
  );
}

/**
 * Batch normalisation of x [N, C, …] as in PyTorch: by the statistics of the batch where the graph trains (and the running ones are
 * updated), by the running ones where it does not.
 */
export function batchNorm(
  ctx: BuildContext,
  name: string,
  x: Value,
  { momentum = 0.1, epsilon = 1e-5 }: { readonly momentum?: number; readonly epsilon?: number } = {},
): Value {
  const channels = [x.shape[1] as number];
  return ctx.scope(name, () => {
    const [weight, bias] = [ctx.param('weight', channels, ones), ctx.param('bias', channels, zeros)];
    const mean = ctx.buffer('running_mean', channels, zeros);
    const variance = ctx.buffer('running_var', channels, ones);
    if (!ctx.training) return batchNormWith(x, weight, bias, mean.value, variance.value, epsilon);
    const batch = batchNormTrain(x, weight, bias, epsilon);
    const next = runningStatistics(x, batch, { mean: mean.value, variance: variance.value }, momentum);
    mean.update(next.mean);
    variance.update(next.variance);
    return batch.y;
  });
}

/** Layer normalisation over the last axis. */
export function layerNorm(ctx: BuildContext, name: string, x: Value, epsilon = 1e-5): Value {
  const width = [x.shape.at(-1) as number];
  return ctx.scope(name, () => layerNormWith(x, ctx.param('weight', width, ones), ctx.param('bias', width, zeros), { epsilon }));
}

/**
 * Factors that leave out a share of what has a shape: 0, or 1 / (1 − share) for what stays. Undefined where nothing is left out: with
 * a share of 0, and where the graph does not train.
 */
export function keptShare(ctx: BuildContext, name: string, shape: Shape, share: number): Value | undefined {
  if (!ctx.training || share === 0) return undefined;
  return ctx.kept(name, shape, share);
}

/** Leaves out a share of the elements in training and scales the others up by 1 / (1 − share). Srivastava et al. 2014. */
export function dropout(ctx: BuildContext, name: string, x: Value, share: number): Value {
  const kept = keptShare(ctx, name, x.shape, share);
  return kept ? mul(x, kept) : x;
}

/** Means over the picture: [N, C, H, W] to [N, C]. */
export const globalPool = (x: Value): Value => globalAveragePool(x, false);
