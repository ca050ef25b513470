import type { ExampleType, Spreads } from '../../src/data/dataset.ts';
import { type Random, random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import type { Host } from '../../src/synthesis/host.ts';
import type { Scene } from '../../src/synthesis/priors/define.ts';

interface HostOptions {
  readonly batchSize: number;
  readonly example: ExampleType;
  readonly outputs?: number;
  readonly spreads?: Spreads;
  readonly seed?: number;
}

export const picture = (...shape: [number, number, number]): ExampleType => ({ layout: 'image', shape });

export const vector = (length: number): ExampleType => ({
  layout: 'vector',
  shape: [length],
  columns: Array.from({ length }, (_, i) => ({ name: `x${i}`, mean: 0, std: 1, fill: null })),
});

/** A host whose tensors are inputs of a graph under their names, with what each would be fed first. */
export function hostOf({ batchSize, example, outputs = 10, spreads, seed = 1 }: HostOptions) {
  const graph = new Graph();
  const values = new Map<string, Value>();
  const fills = new Map<string, (into: Float32Array, draws: Random) => void>();
  const updates = new Map<string, Value>();
  const path: string[] = [];
  const full = (name: string): string => [...path, name].join('.');
  const own = (local: string, shape: readonly number[], fill: (into: Float32Array, draws: Random) => void): Value => {
    const name = full(local);
    const value = values.get(name) ?? graph.input(name, { dtype: 'float32', shape });
    values.set(name, value);
    fills.set(name, fill);
    return value;
  };
  const channels = example.shape[0]!;
  const host: Host = {
    graph,
    batchSize,
    example,
    outputs,
    spreads: spreads ?? { mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) },
    param: own,
    restarted: own,
    buffer: (local, shape, init) => {
      const name = full(local);
      return { value: own(local, shape, init), update: (next) => void updates.set(name, next) };
    },
    perRound: own,
    perStep: own,
    scope(name, build) {
      path.push(name);
      try {
        return build();
      } finally {
        path.pop();
      }
    },
  };
  /** Numbers of a tensor at a time. */
  const feed = (name: string, time = 0): Tensor => {
    const { shape } = values.get(name)!;
    const data = new Float32Array(sizeOf(shape));
    fills.get(name)!(data, random(seed, name, time));
    return tensor('float32', shape as readonly number[], data);
  };
  const feeds = (): Record<string, Tensor> => Object.fromEntries([...values.keys()].map((name) => [name, feed(name)]));
  return { graph, host, values, updates, feed, feeds };
}

/** A scene of a batch and of what a teacher makes of any batch; nothing else is there unless told. */
export function sceneOf(
  view: Value,
  teacher: (view: Value) => Readonly<Record<string, Value>>,
  more: Partial<Scene> = {},
): Scene {
  const ask = (of: Value): ReadonlyMap<string, Value> => new Map(Object.entries(teacher(of)));
  return {
    view,
    teacher: ask(view),
    student: null,
    classes: undefined,
    facts: { name: 'teacher', statistics: [], lastLayer: null },
    ask: async (of) => ask(of),
    metadata: undefined,
    real: undefined,
    ...more,
  };
}
