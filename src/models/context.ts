import type { Graph, Value } from '../graph/graph.ts';
import { type DType, type Shape, sameShape, showShape, type Tensor } from '../graph/type.ts';
import { cast } from '../ops/elementwise.ts';
import { DequantizeLinear } from '../ops/quantize.ts';
import type { BuildContext, Fills, Init } from './define.ts';
import { ModelError } from './error.ts';

export interface BuildOptions {
  readonly training: boolean;
  /**
   * `inputs`: parameters and buffers become inputs of the graph under their names. A map: constants with these contents. A function:
   * values that the graph has already, of these names.
   */
  readonly source: 'inputs' | ReadonlyMap<string, Tensor> | ((name: string) => Value);
  /** Put before all names, where several things are built into one graph; looked up in `source` without it. */
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

/** An input of the graph that wants new random numbers in every step. */
export interface BuiltNoise {
  readonly name: string;
  readonly shape: Shape;
  readonly value: Value;
  readonly dtype: keyof typeof noiseArrays;
  /** Writes the numbers of a step, from a stream that is named after the input. */
  readonly fill: (into: Noise, draws: Fills) => void;
}

/** What random numbers are kept in. */
export const noiseArrays = { float32: Float32Array, uint8: Uint8Array } as const;
export type Noise = Float32Array | Uint8Array;

/** What was asked of a context so far; names carry the prefix. */
export interface Collected {
  readonly params: readonly BuiltParameter[];
  readonly buffers: readonly BuiltBuffer[];
  readonly noise: readonly BuiltNoise[];
  /** By role, without the prefix. */
  readonly taps: ReadonlyMap<string, Value>;
}

/** A context that makes tensors in a graph and remembers them. */
export interface OpenContext {
  readonly ctx: BuildContext;
  collected(): Collected;
}

/**
 * Opens a context on a graph.
 *
 * @throws ModelError `missing-tensor` or `bad-shape`, when a tensor is asked for that `source` lacks or has with another shape.
 */
export function openContext(graph: Graph, dtype: DType, { training, source, prefix = '' }: BuildOptions): OpenContext {
  const params = new Map<string, BuiltParameter>();
  const buffers = new Map<string, BuiltBuffer>();
  const noise = new Map<string, BuiltNoise>();
  const taps = new Map<string, Value>();
  const path: string[] = [];
  const full = (name: string): string => [...path, name].join('.');

  const stored = (name: string, shape: readonly number[]): Value => {
    if (typeof source === 'function') return source(name);
    const value = source === 'inputs' ? graph.input(prefix + name, { dtype, shape }) : graph.constant(find(source, name, shape));
    graph.names.set(prefix + name, value);
    return value;
  };
  const drawn = (local: string, { shape, dtype, fill }: Pick<BuiltNoise, 'shape' | 'dtype' | 'fill'>): Value => {
    const name = full(local);
    if (!training) throw new Error(`internal: ${name} asks for random numbers in a graph that does not train`);
    if (noise.has(name)) throw new Error(`internal: two streams of random numbers are called ${name}`);
    const value = graph.input(prefix + name, { dtype, shape });
    noise.set(name, { name: prefix + name, shape, dtype, value, fill });
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
      const made = known ?? { name: prefix + name, shape, init, value: stored(name, shape) };
      params.set(name, made);
      return made.value;
    },
    buffer(local, shape, init) {
      const name = full(local);
      let made = buffers.get(name);
      if (!made) {
        const before = stored(name, shape);
        made = { name: prefix + name, shape, init, before, after: before };
        buffers.set(name, made);
      }
      const { before, after } = made;
      return {
        value: after,
        update: (next) => void buffers.set(name, { name: prefix + name, shape, init, before, after: next }),
      };
    },
    uniform: (name, shape) =>
      cast(drawn(name, { shape, dtype: 'float32', fill: (into, draws) => draws.fillUniform(into as Float32Array) }), dtype),
    // Bytes are a quarter of the memory, and become numbers of the right size in one pass.
    kept(name, shape, share) {
      const bytes = drawn(name, { shape, dtype: 'uint8', fill: (into, draws) => draws.fillKept(into as Uint8Array, share) });
      return DequantizeLinear([bytes, graph.scalar(1 / (1 - share), dtype)], { axis: 1 });
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
  return {
    ctx,
    collected: () => ({ params: [...params.values()], buffers: [...buffers.values()], noise: [...noise.values()], taps }),
  };
}

function find(source: ReadonlyMap<string, Tensor>, name: string, shape: readonly number[]): Tensor {
  const found = source.get(name);
  if (!found) throw new ModelError('missing-tensor', `${name}: there is no such tensor; expected one of ${showShape(shape)}`);
  if (!sameShape(found.shape, shape)) {
    throw new ModelError('bad-shape', `${name}: the tensor is ${showShape(found.shape)}; expected ${showShape(shape)}`);
  }
  return found;
}
