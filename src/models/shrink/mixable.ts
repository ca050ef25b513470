import { inputName, type Node, nodeOf, type Value } from '../../graph/graph.ts';
import { type Tensor, tensor } from '../../graph/type.ts';
import { usesOf } from '../../graph/uses.ts';
import type { Built } from '../build.ts';
import type { Alignment } from './moments.ts';

/** A layer that can take a linear map of its outputs into its weights: a convolution without groups, or a linear layer. */
export interface Mixable {
  /** Of its weights, without `.weight`. */
  readonly name: string;
  readonly weight: string;
  /** Axis of the weights that counts outputs. */
  readonly axis: 0 | 1;
  readonly bias: string | null;
  /** The batch normalisation right behind it, which is a part of it then. */
  readonly norm: {
    readonly weight: string;
    readonly bias: string;
    readonly mean: string;
    readonly variance: string;
    readonly epsilon: number;
  } | null;
  /** [N, channels, …], normalised. */
  readonly output: Value;
  /** What comes out where something else is added to it, as a block with a shortcut does, and that other summand. */
  readonly sum: { readonly output: Value; readonly other: Value } | null;
}

const weightAxis: Readonly<Record<string, 0 | 1>> = { Conv: 0, MatMul: 1 };

/**
 * The layers of a model in the order in which they work; those without a bias or a normalisation behind them are left out, since they
 * cannot take a shift.
 *
 * @param built With tensors as inputs of the graph, as it is evaluated.
 */
export function mixableLayers({ params, buffers, logits }: Pick<Built, 'params' | 'buffers' | 'logits'>): readonly Mixable[] {
  const { graph } = logits;
  const uses = usesOf(graph);
  const tensors = new Set<Value>([...params.map((p) => p.value), ...buffers.map((b) => b.before)]);
  const named = (v: Value | undefined): string | null => (v && tensors.has(v) ? inputName(v)! : null);
  const only = (v: Value): Node | undefined => {
    const list = uses.get(v) ?? [];
    return list.length === 1 ? list[0]!.node : undefined;
  };
  return graph.nodes.flatMap((node): readonly Mixable[] => {
    const axis = weightAxis[node.op.onnx];
    const weight = named(node.inputs[1]);
    if (axis === undefined || !weight || ((node.attrs.group as number | undefined) ?? 1) > 1) return [];
    const added = only(node.outputs[0]!);
    const own = added?.op.onnx === 'Add' ? (named(added.inputs[0]) ?? named(added.inputs[1])) : null;
    const bias = named(node.inputs[2]) ?? own;
    const raw = own ? added!.outputs[0]! : node.outputs[0]!;
    const normal = only(raw);
    const norm = normal?.op.onnx === 'BatchNormalization' ? normOf(normal, named) : null;
    if (!bias && !norm) return [];
    const output = norm ? normal!.outputs[0]! : raw;
    const after = only(output);
    const other = after?.op.onnx === 'Add' ? after.inputs.find((v) => v !== output) : undefined;
    const sum = other && !named(other) && nodeOf(other) ? { output: after!.outputs[0]!, other } : null;
    return [{ name: weight.replace(/\.weight$/, ''), weight, axis, bias, norm, output, sum }];
  });
}

function normOf(node: Node, named: (v: Value | undefined) => string | null): Mixable['norm'] {
  const [weight, bias, mean, variance] = node.inputs.slice(1).map(named);
  if (!weight || !bias || !mean || !variance) return null;
  return { weight, bias, mean, variance, epsilon: node.attrs.epsilon as number };
}

/**
 * The tensors of a layer after a linear map of its outputs was taken into them: evaluated, it then gives mixᵀ·output + shift. A
 * normalisation behind it keeps its meaning: its statistics are those of the new outputs, so that training can go on from there.
 *
 * @param of Tensors of the layer by name.
 */
export function absorbed(
  layer: Mixable,
  of: (name: string) => Tensor,
  { mix, shift, mean, covariance }: Alignment,
): Map<string, Tensor> {
  const { weight, axis, bias, norm } = layer;
  const c = shift.length;
  const own = (name: string | null, otherwise: number): Float64Array =>
    name === null ? new Float64Array(c).fill(otherwise) : Float64Array.from(of(name).data as Float32Array);
  const [gamma, beta, mu] = [own(norm?.weight ?? null, 1), own(norm?.bias ?? null, 0), own(norm?.mean ?? null, 0)];
  const sigma = own(norm?.variance ?? null, 1).map((v) => (norm ? Math.sqrt(v + norm.epsilon) : 1));
  const constant = own(bias, 0).map((b, i) => beta[i]! + (gamma[i]! * (b - mu[i]!)) / sigma[i]!);
  const times = (values: Float64Array): Float64Array =>
    shift.map((_, j) => values.reduce((sum, v, i) => sum + v * mix[i * c + j]!, 0));
  const moved = times(constant).map((v, j) => v + shift[j]!);
  const scaled = mix.map((v, at) => v * (gamma[Math.floor(at / c)]! / sigma[Math.floor(at / c)]!));
  const result = new Map([[weight, mixedAlong(of(weight), axis, scaled)]]);
  const put = (name: string, values: Float64Array): void => void result.set(name, tensor('float32', [c], values));
  if (!norm) {
    put(bias!, moved);
    return result;
  }
  // What the layer gives before its new constant, over the examples of the fit.
  const level = times(mean.map((m, i) => m - constant[i]!));
  const variance = shift.map((_, j) => {
    let sum = 0;
    for (let i = 0; i < c; i++) for (let k = 0; k < c; k++) sum += mix[i * c + j]! * mix[k * c + j]! * covariance[i * c + k]!;
    return Math.max(sum, 0);
  });
  if (bias) put(bias, new Float64Array(c));
  put(norm.mean, level);
  put(norm.variance, variance);
  put(
    norm.weight,
    variance.map((v) => Math.sqrt(v + norm.epsilon)),
  );
  put(
    norm.bias,
    moved.map((v, j) => v + level[j]!),
  );
  return result;
}

/** Slices along an axis replaced by sums of them: new slice j = Σᵢ mix[i, j] · slice i. */
function mixedAlong(t: Tensor, axis: number, mix: Float64Array): Tensor {
  const c = t.shape[axis]!;
  const inner = t.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = t.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const data = t.data as Float32Array;
  const sums = new Float64Array(data.length);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < c; i++) {
      for (let j = 0; j < c; j++) {
        const m = mix[i * c + j]!;
        for (let s = 0; s < inner; s++) sums[(o * c + j) * inner + s]! += m * data[(o * c + i) * inner + s]!;
      }
    }
  }
  return tensor('float32', t.shape, sums);
}
