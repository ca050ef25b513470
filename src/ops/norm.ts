import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { type Shape, showType, sizeOf } from '../graph/type.ts';
import { butChannels, channelAffine, channelDot, channelSum, perChannel } from './channel.ts';
import { axisOf, filled, type Import, type NodeReader, type Op, op } from './define.ts';
import { abs, add, cast, div, mul, neg, reciprocal, sqrt, sub } from './elementwise.ts';
import { matmul } from './linalg.ts';
import { reduceMean, reduceSum, variance } from './reduce.ts';
import { reshape, transpose } from './shape.ts';

const inverseRoot = (v: Value, epsilon: number): Value => reciprocal(sqrt(add(v, epsilon)));

/** Axes from `axis` on. */
const trailing = (x: Value, axis: number): readonly number[] => x.shape.flatMap((_, i) => (i >= axis ? [i] : []));

/** Means and 1/√(variance + epsilon) over the axes from `axis` on, in the precision of x. */
const rowStatistics = (x: Value, axis: number, epsilon: number): readonly Value[] => [
  reduceMean(x, trailing(x, axis)),
  inverseRoot(variance(x, trailing(x, axis)), epsilon),
];

type LayerAttrs = { readonly axis: number; readonly epsilon: number };

/** Standardises over the axes from `axis` on, then scales and shifts. Outputs: the result, the means, 1/√(variance + epsilon). */
export const LayerNormalization: Op<LayerAttrs> = op<LayerAttrs>({
  onnx: 'LayerNormalization',
  attributes: { axis: ['int', -1], epsilon: ['float', 1e-5] },
  infer: ([x, scale], { axis }) => {
    if (sizeOf(x!.shape.slice(axis)) !== sizeOf(scale!.shape)) {
      throw new GraphError(
        'shape-mismatch',
        `LayerNormalization: scale ${showType(scale!.type)} for axes from ${axis} of ${showType(x!.type)}`,
      );
    }
    // Whatever the precision of x, ONNX keeps the statistics in single precision.
    const row = { dtype: 'float32' as const, shape: x!.shape.map((d, i) => (i < axis ? d : 1)) };
    return [x!.type, row, row];
  },
  // With rows as matrices: dx = dy·scale·s + x·p + q, where s = 1/σ and p, q are one number a row; sums are products with vectors.
  vjp: (_, { inputs: [x, scale, bias], outputs, grads, attrs: { axis, epsilon } }) => {
    const y = outputs[0];
    const [m, s] = x!.dtype === 'float32' ? outputs.slice(1) : rowStatistics(x!, axis, epsilon);
    const d = sizeOf(x!.shape.slice(axis));
    const rows = (v: Value, width: number): Value => reshape(cast(v, x!.dtype), [-1, width]);
    const [X, M, S] = [rows(x!, d), rows(m!, 1), rows(s!, 1)];
    const G = rows(grads[0] ?? filled(x!.graph, y!.type, 0), d);
    const T = mul(G, X);
    const weight = mul(reshape(scale!, [d, 1]), 1 / d);
    const a = matmul(G, weight);
    const c = mul(S, sub(matmul(T, weight), mul(M, a)));
    const ofRoot = grads[2] && mul(rows(grads[2], 1), mul(S, 1 / d));
    const p = neg(mul(mul(S, S), ofRoot ? add(c, ofRoot) : c));
    const q = neg(add(mul(S, a), mul(p, M)));
    const shift = grads[1] ? add(q, mul(rows(grads[1], 1), 1 / d)) : q;
    const dx = add(add(mul(mul(G, reshape(scale!, [1, d])), S), mul(X, p)), shift);
    const across = (v: Value): Value => transpose(v, [1, 0]);
    const ones = filled(x!.graph, { dtype: x!.dtype, shape: [1, G.shape[0]!] }, 1);
    const dScale = sub(matmul(across(S), T), matmul(across(mul(S, M)), G));
    return [reshape(dx, x!.shape), reshape(dScale, scale!.shape), bias && reshape(matmul(ones, G), bias.shape)];
  },
  emit: (e, inputs, { attrs }, outputs) =>
    e.node(
      'LayerNormalization',
      inputs,
      { axis: { kind: 'int', value: attrs.axis as number }, epsilon: { kind: 'float', value: attrs.epsilon as number } },
      outputs,
    ),
  read: (r) =>
    LayerNormalization.all(r.inputs, {
      axis: axisOf(r.int('axis', -1), r.input(0).rank, 'LayerNormalization'),
      epsilon: r.float('epsilon', 1e-5),
    }),
});
/** Layer normalisation over the axes from `axis` on (the last unless told); `scale` and `bias` have the shape of those axes. */
export const layerNorm = (x: Value, scale: Value, bias?: Value, { axis = -1, epsilon = 1e-5 } = {}): Value =>
  LayerNormalization(bias ? [x, scale, bias] : [x, scale], { axis: axisOf(axis, x.rank, 'LayerNormalization'), epsilon });

/** x / √(mean of x² + epsilon), scaled: over the axes from `axis` on. */
export const rmsNorm = (x: Value, scale: Value, { axis = -1, epsilon = 1e-5 } = {}): Value => {
  const axes = trailing(x, axisOf(axis, x.rank, 'rmsNorm'));
  return mul(mul(x, inverseRoot(reduceMean(mul(x, x), axes), epsilon)), scale);
};

type BatchAttrs = { readonly epsilon: number };

/** (x − mean)/√(variance + epsilon)·scale + bias, per channel of [N, C, ...], with statistics that are given. */
export const BatchNormalization: Op<BatchAttrs> = op<BatchAttrs>({
  onnx: 'BatchNormalization',
  attributes: { epsilon: ['float', 1e-5] },
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x, scale, , m, v], attrs: { epsilon } }) => {
    const s = inverseRoot(v!, epsilon);
    const total = channelSum(g);
    const dScale = mul(s, sub(channelDot(g, x!), mul(m!, total)));
    const a = mul(scale!, s);
    const dVariance = mul(mul(mul(dScale, scale!), mul(s, s)), -0.5);
    return [channelAffine(g, a), dScale, total, neg(mul(a, total)), dVariance];
  },
  read: (r) => readBatchNorm(r),
});
/** Batch normalisation with given statistics (inference): x [N, C, ...], the rest [C]. */
export const batchNorm = (x: Value, scale: Value, bias: Value, m: Value, v: Value, epsilon = 1e-5): Value =>
  BatchNormalization([x, scale, bias, m, v], { epsilon });

/**
 * Batch normalisation with the statistics of the batch itself. Outputs: the result, means and biased variances per channel, and
 * x − mean, which the derivative starts from: squares of x itself would lose what a mean far larger than the deviations leaves.
 */
export const BatchNormTrain: Op<BatchAttrs> = op<BatchAttrs>({
  onnx: 'BatchNormTrain',
  domain: 'potstill',
  infer: ([x, scale]) => [x!.type, scale!.type, scale!.type, x!.type],
  // dx = dy·p + centred·q + r with p, q, r per channel; cotangents of the statistics only change q and r.
  vjp: (_, { inputs: [x, scale], outputs: [y, , v, centred], grads, attrs: { epsilon } }) => {
    const n = sizeOf(butChannels(x!).map((i) => x!.shape[i]!));
    const g = grads[0] ?? filled(x!.graph, y!.type, 0);
    const s = inverseRoot(v!, epsilon);
    const p = mul(scale!, s);
    const total = channelSum(g);
    const dScale = mul(s, channelDot(g, centred!));
    const ofResult = mul(mul(mul(p, s), dScale), -1 / n);
    const q = grads[2] ? add(ofResult, mul(grads[2], 2 / n)) : ofResult;
    const apart = grads[3] && channelSum(grads[3]);
    const shifts = [mul(p, total), ...(apart ? [apart] : []), ...(grads[1] ? [neg(grads[1])] : [])];
    const r = mul(shifts.reduce((a, b) => add(a, b)), -1 / n); // biome-ignore format: one call
    const dx = add(channelAffine(g, p), channelAffine(centred!, q, r));
    return [grads[3] ? add(dx, grads[3]) : dx, dScale, total];
  },
  lowerings: [
    {
      name: 'centred',
      applies: () => true,
      build: ([x, scale, bias], { epsilon }) => {
        const n = sizeOf(butChannels(x!).map((i) => x!.shape[i]!));
        const m = mul(channelSum(x!), 1 / n);
        const ones = filled(x!.graph, m.type, 1);
        const centred = channelAffine(x!, ones, neg(m));
        const v = mul(channelDot(centred, centred), 1 / n);
        return [channelAffine(centred, mul(scale!, inverseRoot(v, epsilon)), bias!), m, v, centred];
      },
    },
  ],
});

/** What training needs of a batch normalisation; `variance` is biased (divided by n). */
export interface BatchNormResult {
  readonly y: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/** Batch normalisation of x [N, C, ...] with the statistics of this batch (training). */
export function batchNormTrain(x: Value, scale: Value, bias: Value, epsilon = 1e-5): BatchNormResult {
  const [y, mean, v] = BatchNormTrain.all([x, scale, bias], { epsilon });
  return { y: y!, mean: mean!, variance: v! };
}

/**
 * Running statistics after a batch, as PyTorch keeps them: (1 − momentum)·old + momentum·new, with the unbiased variance.
 *
 * @param x The value that was normalised, [N, C, ...].
 */
export function runningStatistics(
  x: Value,
  batch: Pick<BatchNormResult, 'mean' | 'variance'>,
  running: { readonly mean: Value; readonly variance: Value },
  momentum = 0.1,
): { readonly mean: Value; readonly variance: Value } {
  const n = sizeOf(butChannels(x).map((i) => x.shape[i]!));
  const step = (old: Value, now: Value, by: number): Value => add(mul(old, 1 - momentum), mul(now, by));
  return {
    mean: step(running.mean, batch.mean, momentum),
    variance: step(running.variance, batch.variance, (momentum * n) / Math.max(n - 1, 1)),
  };
}

/** Standardises each group of channels of each example, without scale and bias. */
function standardised(x: Value, groups: number, epsilon: number): Value {
  const d = sizeOf(x.shape.slice(1)) / groups;
  const rows = reshape(x, [x.shape[0]!, groups, d]);
  return reshape(layerNorm(rows, filled(x.graph, { dtype: x.dtype, shape: [d] }, 1), undefined, { epsilon }), x.shape);
}

/** Group normalisation of x [N, C, ...]; scale and bias [C]. */
export function groupNorm(x: Value, groups: number, scale: Value, bias: Value, epsilon = 1e-5): Value {
  return add(mul(standardised(x, groups, epsilon), perChannel(scale, x)), perChannel(bias, x));
}

/** Instance normalisation of x [N, C, ...]: every channel is a group. */
export const instanceNorm = (x: Value, scale: Value, bias: Value, epsilon = 1e-5): Value =>
  groupNorm(x, x.shape[1] as number, scale, bias, epsilon);

/** Every entry of this file. */
export const normOps: readonly Op[] = [LayerNormalization as Op, BatchNormalization as Op, BatchNormTrain as Op];

function readBatchNorm(r: NodeReader): Value | readonly Value[] {
  const [x, scale, bias, m, v] = [0, 1, 2, 3, 4].map((i) => r.input(i)) as [Value, Value, Value, Value, Value];
  const epsilon = r.float('epsilon', 1e-5);
  if (r.int('training_mode', 0) === 0) return batchNorm(x, scale, bias, m, v, epsilon);
  const batch = batchNormTrain(x, scale, bias, epsilon);
  // ONNX's momentum is the weight of the old value, and its running variance is biased.
  const old = r.float('momentum', 0.9);
  const blend = (before: Value, now: Value): Value => add(mul(before, old), mul(now, 1 - old));
  return [batch.y, blend(m, batch.mean), blend(v, batch.variance)];
}

const readGroupNorm = (r: NodeReader): Value => {
  const [x, scale, bias] = [r.input(0), r.input(1), r.input(2)];
  const groups = r.int('num_groups');
  const epsilon = r.float('epsilon', 1e-5);
  if (scale.shape[0] === x.shape[1]) return groupNorm(x, groups, scale, bias, epsilon);
  // Until version 20 scale and bias were per group.
  const shape: Shape = [groups, ...x.shape.slice(1).map(() => 1)];
  const grouped = reshape(standardised(x, groups, epsilon), [x.shape[0]!, groups, -1, ...x.shape.slice(2)]);
  return reshape(add(mul(grouped, reshape(scale, shape)), reshape(bias, shape)), x.shape);
};

const readLp = (r: NodeReader): Value => {
  const x = r.input(0);
  const axes = [axisOf(r.int('axis', -1), x.rank, 'LpNormalization')];
  return div(x, r.int('p', 2) === 1 ? reduceSum(abs(x), axes) : sqrt(reduceSum(mul(x, x), axes)));
};

const readMeanVariance = (r: NodeReader): Value => {
  const x = r.input(0);
  const axes = r.ints('axes', [0, 2, 3]);
  return div(sub(x, reduceMean(x, axes)), add(sqrt(variance(x, axes)), 1e-9));
};

const readRms = (r: NodeReader): Value =>
  rmsNorm(r.input(0), r.input(1), { axis: r.int('axis', -1), epsilon: r.float('epsilon', 1e-5) });

export const normImports: readonly Import[] = [
  { onnx: 'SimplifiedLayerNormalization', domain: '', read: readRms },
  { onnx: 'GroupNormalization', domain: '', read: readGroupNorm },
  {
    onnx: 'InstanceNormalization',
    domain: '',
    read: (r) => instanceNorm(r.input(0), r.input(1), r.input(2), r.float('epsilon', 1e-5)),
  },
  { onnx: 'LpNormalization', domain: '', read: readLp },
  { onnx: 'MeanVarianceNormalization', domain: '', read: readMeanVariance },
];
