import type { Tensor } from '../../graph/type.ts';
import type { ModelGraph, ModelNode } from '../../onnx/model.ts';
import { reads } from '../../onnx/scope.ts';
import { floatOf, intOf, isOp, readersOf, resultOf } from '../node.ts';

/**
 * Puts batch normalisation by fixed statistics into the convolution before it: y = a·(w∗x + b) + c is a convolution with weights a·w
 * and bias a·b + c. Only where nothing else reads what the convolution gives.
 */
export function foldBatchNorm(graph: ModelGraph): ModelGraph {
  const readers = readersOf(graph, reads);
  const results = new Set(graph.outputs.map((v) => v.name));
  const makers = new Map(graph.nodes.map((n) => [resultOf(n), n]));
  const initializers = new Map(graph.initializers);
  const replaced = new Map<ModelNode, ModelNode | undefined>();
  for (const norm of graph.nodes) {
    const conv = isOp(norm, 'BatchNormalization') ? makers.get(norm.inputs[0]!) : undefined;
    if (!conv || !isOp(conv, 'Conv')) continue;
    const between = resultOf(conv);
    if (results.has(between) || readers.get(between)!.length > 1) continue;
    const affine = affineOf(norm, graph.initializers);
    const weight = graph.initializers.get(conv.inputs[1]!);
    const bias = conv.inputs[2] ? graph.initializers.get(conv.inputs[2]) : null;
    if (!affine || weight?.dtype !== 'float32' || bias === undefined) continue;
    const [w, b] = [`${resultOf(norm)}.weight`, `${resultOf(norm)}.bias`];
    initializers.set(w, scaled(weight, affine.a));
    initializers.set(b, {
      dtype: 'float32',
      shape: [affine.a.length],
      data: affine.a.map((a, i) => a * Number(bias?.data[i] ?? 0) + affine.c[i]!),
    });
    replaced.set(conv, undefined);
    replaced.set(norm, { ...conv, inputs: [conv.inputs[0]!, w, b], outputs: [resultOf(norm)] });
  }
  return withoutUnread({
    ...graph,
    initializers,
    nodes: graph.nodes.flatMap((n) => (replaced.has(n) ? (replaced.get(n) ?? []) : n)),
  });
}

/** The factor and the summand of each channel; undefined where they are not fixed. */
function affineOf(
  norm: ModelNode,
  initializers: ModelGraph['initializers'],
): { readonly a: Float32Array; readonly c: Float32Array } | undefined {
  const fixed = norm.inputs.slice(1, 5).map((name) => initializers.get(name));
  const trains = intOf(norm, 'training_mode', 0) !== 0 || norm.outputs.slice(1).some((name) => name !== '');
  if (trains || fixed.length < 4 || fixed.some((t) => t?.dtype !== 'float32')) return undefined;
  const [gamma, beta, mean, variance] = fixed.map((t) => t!.data as Float32Array);
  const epsilon = floatOf(norm, 'epsilon', 1e-5);
  const a = gamma!.map((g, i) => g / Math.sqrt(variance![i]! + epsilon));
  return { a, c: beta!.map((b, i) => b - a[i]! * mean![i]!) };
}

/** Weights whose first axis is the channel. */
function scaled({ dtype, shape, data }: Tensor, factors: Float32Array): Tensor {
  const size = data.length / factors.length;
  return { dtype, shape, data: (data as Float32Array).map((w, i) => w * factors[Math.floor(i / size)]!) };
}

/** A graph without initializers that nothing reads any more. */
export function withoutUnread(graph: ModelGraph): ModelGraph {
  const read = new Set([...graph.nodes.flatMap(reads), ...graph.outputs.map((v) => v.name)]);
  return { ...graph, initializers: new Map([...graph.initializers].filter(([name]) => read.has(name))) };
}
