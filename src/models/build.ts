import { Graph, type Value } from '../graph/graph.ts';
import { type Shape, sameShape, showShape, sizeOf, type Tensor } from '../graph/type.ts';
import type { BuildContext, Draws, Init, Model, ModelShape } from './define.ts';
import { ModelError } from './error.ts';

export interface BuildOptions {
  readonly training: boolean;
  /** `inputs`: parameters and buffers become inputs of the graph under their names. A map: constants with these contents. */
  readonly source: 'inputs' | ReadonlyMap<string, Tensor>;
  /** Put before the names of graph inputs and known values, where two models share a graph. */
  readonly prefix?: string;
}

export interface BuiltParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
  readonly value: Value;
}

export interface BuiltBuffer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
  readonly before: Value;
  /** The value after this step; `before` itself where the graph does not train. */
  readonly after: Value;
}

/** An input of the graph that wants new uniform numbers in [0, 1) in every step. */
export interface BuiltUniform {
  readonly name: string;
  readonly shape: Shape;
  readonly value: Value;
}

/** A model as a part of a graph. */
export interface Built {
  readonly logits: Value;
  /** What can be distilled from, by role; `logits` is always there. */
  readonly taps: ReadonlyMap<string, Value>;
  readonly params: readonly BuiltParameter[];
  readonly buffers: readonly BuiltBuffer[];
  readonly uniforms: readonly BuiltUniform[];
}

/**
 * Builds a model into a graph. Parameters take the element type of `x`.
 *
 * @throws ModelError `missing-tensor` or `bad-shape` if `source` lacks a tensor or has one of another shape.
 */
export function buildModel(model: Model, graph: Graph, x: Value, { training, source, prefix = '' }: BuildOptions): Built {
  const params = new Map<string, BuiltParameter>();
  const buffers = new Map<string, BuiltBuffer>();
  const uniforms = new Map<string, BuiltUniform>();
  const taps = new Map<string, Value>();
  const path: string[] = [];
  const full = (name: string): string => [...path, name].join('.');

  const stored = (name: string, shape: readonly number[]): Value => {
    const value =
      source === 'inputs' ? graph.input(prefix + name, { dtype: x.dtype, shape }) : graph.constant(find(source, name, shape));
    graph.names.set(prefix + name, value);
    return value;
  };
  const ctx: BuildContext = {
    graph,
    training,
    param(local, shape, init) {
      const name = full(local);
      const known = params.get(name);
      if (known && !sameShape(known.shape, shape)) {
        throw new Error(`internal: ${name} is asked for as ${showShape(known.shape)} and as ${showShape(shape)}`);
      }
      const made = known ?? { name, shape, init, value: stored(name, shape) };
      params.set(name, made);
      return made.value;
    },
    buffer(local, shape, init) {
      const name = full(local);
      let made = buffers.get(name);
      if (!made) {
        const before = stored(name, shape);
        made = { name, shape, init, before, after: before };
        buffers.set(name, made);
      }
      const { before, after } = made;
      return { value: after, update: (next) => void buffers.set(name, { name, shape, init, before, after: next }) };
    },
    uniform(local, shape) {
      const name = full(local);
      if (!training) throw new Error(`internal: ${name} asks for random numbers in a graph that does not train`);
      if (uniforms.has(name)) throw new Error(`internal: two streams of random numbers are called ${name}`);
      const value = graph.input(prefix + name, { dtype: x.dtype, shape });
      uniforms.set(name, { name, shape, value });
      return value;
    },
    scope(name, build) {
      path.push(name);
      try {
        return graph.scoped(name, build);
      } finally {
        path.pop();
      }
    },
    tap(role, value) {
      taps.set(role, value);
      graph.names.set(prefix + role, value);
    },
  };
  const logits = graph.scoped(prefix + model.name, () => model.build(ctx, x));
  ctx.tap('logits', logits);
  return { logits, taps, params: [...params.values()], buffers: [...buffers.values()], uniforms: [...uniforms.values()] };
}

function find(source: ReadonlyMap<string, Tensor>, name: string, shape: readonly number[]): Tensor {
  const found = source.get(name);
  if (!found) throw new ModelError('missing-tensor', `${name}: there is no such tensor; expected one of ${showShape(shape)}`);
  if (!sameShape(found.shape, shape)) {
    throw new ModelError('bad-shape', `${name}: the tensor is ${showShape(found.shape)}; expected ${showShape(shape)}`);
  }
  return found;
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

/** Trained elements of a model; running statistics do not count. */
export const countParameters = (model: Model, shape: ModelShape): number =>
  outline(model, shape).params.reduce((n, p) => n + sizeOf(p.shape), 0);
