import { Graph, type Value } from '../graph/graph.ts';
import { type Shape, sizeOf, type Tensor } from '../graph/type.ts';
import { type BuildOptions, type Collected, openContext } from './context.ts';
import type { Draws, Model, ModelShape } from './define.ts';
import { lengthDim } from './tokens.ts';

/** A model as a part of a graph. `taps`: what can be distilled from, by role; `logits` is always there. */
export interface Built extends Collected {
  readonly logits: Value;
}

/**
 * Builds a model into a graph. Parameters take the element type of `x`.
 *
 * @throws ModelError `missing-tensor` or `bad-shape` if `source` lacks a tensor or has one of another shape.
 */
export function buildModel(model: Model, graph: Graph, x: Value, options: BuildOptions): Built {
  const { ctx, collected } = openContext(graph, x.dtype, options);
  const logits = graph.scoped((options.prefix ?? '') + model.name, () => model.build(ctx, x));
  ctx.tap('logits', logits);
  return { logits, ...collected() };
}

/** The model in a graph of its own, for its names and shapes. */
function outline(model: Model, { input }: ModelShape): Built {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [1, ...input] });
  return buildModel(model, graph, x, { training: false, source: 'inputs' });
}

/**
 * New tensors for all parameters and buffers.
 *
 * @param draws The stream of random numbers of each tensor, by its name.
 */
export function initialise(model: Model, shape: ModelShape, draws: (name: string) => Draws): Map<string, Tensor> {
  const { params, buffers } = outline(model, shape);
  return new Map(
    [...params, ...buffers].map((p) => {
      const data = new Float32Array(sizeOf(p.shape));
      p.init(data, draws(p.name));
      return [p.name, { dtype: 'float32', shape: p.shape, data }];
    }),
  );
}

/** Shapes of all parameters and buffers, by name. */
export function sizesOf(model: Model, shape: ModelShape): ReadonlyMap<string, Shape> {
  const { params, buffers } = outline(model, shape);
  return new Map([...params, ...buffers].map((p) => [p.name, p.shape]));
}

/** Names of what a model keeps beside its parameters: running statistics. */
export const buffersOf = (model: Model, shape: ModelShape): ReadonlySet<string> =>
  new Set(outline(model, shape).buffers.map((b) => b.name));

/** Trained elements of a model; running statistics do not count. */
export const countParameters = (model: Model, shape: ModelShape): number =>
  outline(model, shape).params.reduce((n, p) => n + sizeOf(p.shape), 0);

/** What can be tapped in a model for examples of exactly this shape: shapes of one example's part, by role. */
export const offered = (model: Model, shape: ModelShape): ReadonlyMap<string, Shape> =>
  new Map([...outline(model, shape).taps].map(([role, v]) => [role, v.shape.slice(1)]));

/**
 * What can be tapped in a model: shapes of one example's part, by role. Sizes that follow the number of tokens are called `L`: they
 * are what changes with it.
 */
export function tapsOf(model: Model, shape: ModelShape): ReadonlyMap<string, Shape> {
  const taps = offered(model, shape);
  if (shape.vocabulary === undefined) return taps;
  const [rows, longest] = shape.input as readonly [number, number];
  return lengthNamed(taps, longest, offered(model, { ...shape, input: [rows, longest - 1] }), longest - 1);
}

/** Shapes that were found at two lengths, with a name for the sizes that are the length. */
export const lengthNamed = (
  taps: ReadonlyMap<string, Shape>,
  length: number,
  others: ReadonlyMap<string, Shape>,
  other: number,
): ReadonlyMap<string, Shape> =>
  new Map(
    [...taps].map(([role, shape]) => [
      role,
      shape.map((d, i) => (d === length && others.get(role)?.[i] === other ? lengthDim : d)),
    ]),
  );
