import type { Graph, Value } from '../../graph/graph.ts';
import { sizeOf, staticShape, type Tensor } from '../../graph/type.ts';
import { createOptimizer, type OptimizerOptions } from '../../optim/presets.ts';
import { applyUpdates } from '../../optim/update.ts';
import { optimContext } from '../../run/step.ts';
import type { StateLink } from '../../runtime/port.ts';
import type { Params } from './inner.ts';

/** A number that a step is fed, a function of the step. */
interface Scalar {
  readonly name: string;
  readonly at: (step: number) => number;
}

/** A training step of a graph of its own: state under the names of inputs, each with the output that replaces it. */
export interface UnrolledStep {
  readonly graph: Graph;
  readonly links: readonly StateLink[];
  /** State beside the weights, at its start. */
  readonly slots: ReadonlyMap<string, Tensor>;
  readonly scalars: readonly Scalar[];
  readonly learningRate: (step: number) => number;
}

/** Tensors that an optimizer moves. */
export interface Moved {
  /** After the update; those that the optimizer freezes are as before. */
  readonly after: Params;
  readonly slots: readonly { readonly name: string; readonly start: Tensor; readonly next: () => Value }[];
  readonly scalars: readonly Scalar[];
  readonly learningRate: (step: number) => number;
}

/**
 * Appends an update to a graph.
 *
 * @param gradients Of `params`, in their order.
 * @param steps How often the graph will run.
 * @param whose Put before the names of the numbers that are fed, where a graph has two optimizers.
 */
export function moved(
  graph: Graph,
  params: Params,
  gradients: readonly Value[],
  options: OptimizerOptions,
  steps: number,
  whose = '',
): Moved {
  const names = [...params.keys()];
  if (names.length === 0) return { after: params, slots: [], scalars: [], learningRate: () => 0 };
  const optimizer = createOptimizer(options, names, steps);
  const all = names.map((name, i) => ({ name, value: params.get(name)!, gradient: gradients[i]! }));
  const trained = all.filter(({ name }) => !optimizer.frozen.has(name));
  const { context, scalars, slots } = optimContext(graph, trained);
  const own = { ...context, scalar: (name: string, at: Scalar['at']) => context.scalar(whose + name, at) };
  const updated = applyUpdates(trained, optimizer.transform(new Map(trained.map((p) => [p.name, p.gradient])), own));
  return {
    after: new Map(all.map(({ name, value }) => [name, updated.get(name) ?? value])),
    slots: slots.map(({ name, shape, fill, next }) => ({ name, start: full(staticShape(shape), fill), next })),
    scalars,
    learningRate: optimizer.learningRate,
  };
}

const full = (shape: readonly number[], value: number): Tensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(sizeOf(shape)).fill(value),
});

/** Makes values the state of a graph: each is an input, and the value that replaces it. */
export function carriedAll(graph: Graph, state: readonly (readonly [name: string, next: Value])[]): StateLink[] {
  return state.map(([name, next]) => {
    graph.output(`next.${name}`, next);
    return { input: name, output: `next.${name}` };
  });
}

/** Makes what was moved, and what optimizers keep, the state of the graph, the first of them giving the learning rate. */
export function carried(graph: Graph, all: readonly [Moved, ...Moved[]]): UnrolledStep {
  const slots = all.flatMap((m) => m.slots);
  return {
    graph,
    links: carriedAll(graph, [...all.flatMap((m) => [...m.after]), ...slots.map(({ name, next }) => [name, next()] as const)]),
    slots: new Map(slots.map(({ name, start }) => [name, start])),
    scalars: all.flatMap((m) => m.scalars),
    learningRate: all[0].learningRate,
  };
}
