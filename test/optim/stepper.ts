import { Graph, inputName, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import type { OptimContext, Transform } from '../../src/optim/transform.ts';
import { applyUpdates } from '../../src/optim/update.ts';
import { type Feeds, open } from '../support/ort.ts';

/** Parameters and slots by name, and the step that comes next. */
export interface State {
  readonly step: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

export interface Stepper {
  readonly graph: Graph;
  /** Nodes before the optimizer's own. */
  readonly before: number;
  /** What a step computes: `next.` and a name of `State.tensors`. */
  readonly results: Readonly<Record<string, Value>>;
  readonly start: State;
  /** Runs one step after another; `feeds` are the other inputs of each step. */
  run(from: State, steps: number, feeds?: (step: number) => Feeds): Promise<State[]>;
}

/** A training graph that is nothing but gradients and an optimizer. */
export function stepper(
  weights: Readonly<Record<string, Tensor>>,
  gradient: (graph: Graph, name: string, w: Value) => Value,
  transform: (graph: Graph) => Transform,
): Stepper {
  const graph = new Graph();
  const parameters = Object.entries(weights).map(([name, t]) => ({ name, value: graph.input(name, t) }));
  const gradients = new Map(parameters.map(({ name, value }) => [name, gradient(graph, name, value)]));
  const before = graph.nodes.length;
  const slots: Record<string, Tensor> = {};
  const scalars = new Map<string, { readonly value: Value; readonly at: (step: number) => number }>();
  const results: Record<string, Value> = {};
  const set = (name: string, next: Value): void => {
    results[`next.${name}`] = next;
  };
  const ctx: OptimContext = {
    parameters,
    slot(name, shape, fill = 0) {
      if (slots[name]) throw new Error(`two slots are called ${name}`);
      const sizes = shape as readonly number[];
      slots[name] = tensor('float32', sizes, Array(sizeOf(sizes)).fill(fill));
      return { before: graph.input(name, slots[name]), after: (next) => set(name, next) };
    },
    scalar(name, at) {
      const known = scalars.get(name) ?? { value: graph.input(name, { dtype: 'float32', shape: [] }), at };
      scalars.set(name, known);
      return known.value;
    },
  };
  for (const [name, value] of applyUpdates(parameters, transform(graph)(gradients, ctx)))
    if (inputName(value) !== name) set(name, value);
  return {
    graph,
    before,
    results,
    start: { step: 0, tensors: { ...weights, ...slots } },
    async run(from, steps, feeds = () => ({})) {
      const session = await open(results);
      const states: State[] = [];
      let state = from;
      for (let i = 0; i < steps; i++) {
        const numbersOfStep = [...scalars].map(([name, { at }]) => [name, tensor('float32', [], [at(state.step)])] as const);
        const found = await session.run({ ...state.tensors, ...Object.fromEntries(numbersOfStep), ...feeds(state.step) });
        const next = Object.entries(found).map(([name, t]) => [name.slice('next.'.length), t]);
        state = { step: state.step + 1, tensors: { ...state.tensors, ...Object.fromEntries(next) } };
        states.push(state);
      }
      await session.close();
      return states;
    },
  };
}
