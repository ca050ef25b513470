import { grad } from '../../autodiff/grad.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import type { Model } from '../../models/define.ts';
import { sub } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import type { OptimizerOptions } from '../../optim/presets.ts';
import { adapted, type Examples, forward, type Inner, type Params, supportLoss } from '../unrolled/inner.ts';
import { carried, moved, type UnrolledStep } from '../unrolled/step.ts';
import type { EpisodeSizes } from './episodes.ts';

export interface StudentSpec {
  readonly model: Model;
  /** Shape of one example of the data. */
  readonly view: readonly number[];
  readonly preprocess: (view: Value) => Value;
  /** By name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** What adaptation is to the gradient of the start, and that gradient. */
interface Way {
  /** Whether the gradient goes through the gradients of adaptation. */
  readonly secondOrder: boolean;
  readonly gradients: (params: Params, after: Params, query: Value) => readonly Value[];
}

const throughQuery: Way['gradients'] = (params, _, query) => grad(query, [...params.values()]);

const ways = {
  second: { secondOrder: true, gradients: throughQuery },
  first: { secondOrder: false, gradients: throughQuery },
  // Nichol et al. 2018 (arXiv 1803.02999) §2: towards the adapted weights.
  reptile: {
    secondOrder: false,
    gradients: (params, after) => [...params].map(([name, before]) => sub(before, after.get(name)!)),
  },
} as const satisfies Record<string, Way>;
export type Order = keyof typeof ways;
export const orderNames = Object.keys(ways) as [Order, ...Order[]];

/** Names of the inputs of an episode. */
export const inputs = {
  support: { view: 'support.view', target: 'support.target', teacher: 'support.teacher' },
  query: { view: 'query.view', target: 'query.target' },
} as const;

/** Inputs of the graph for the tensors of a student. */
export const paramInputs = (graph: Graph, tensors: ReadonlyMap<string, Tensor>): Params =>
  new Map([...tensors].map(([name, { shape }]) => [name, graph.input(name, { dtype: 'float32', shape })]));

/** Inputs of the graph for the support of an episode. */
export function supportInputs(graph: Graph, { view, preprocess }: StudentSpec, { ways, shots }: EpisodeSizes): Examples {
  const rows = ways * shots;
  return {
    x: preprocess(graph.input(inputs.support.view, { dtype: 'float32', shape: [rows, ...view] })),
    target: graph.input(inputs.support.target, { dtype: 'float32', shape: [rows, ways] }),
    teacher: graph.input(inputs.support.teacher, { dtype: 'float32', shape: [rows, ways] }),
  };
}

export interface MetaOptions {
  readonly sizes: EpisodeSizes;
  readonly inner: Inner & { readonly rate: number };
  readonly order: Order;
  /** Updates of the start of adaptation; `accumulate` episodes each. */
  readonly outer: OptimizerOptions;
  /** Episodes in all. */
  readonly episodes: number;
}

/**
 * A student adapts to the support of a task with the teacher's help, and the weights that it started from are moved so that what it is
 * after that does better on the query.
 */
export function buildMetaStep(spec: StudentSpec, { sizes, inner, order, outer, episodes }: MetaOptions): UnrolledStep {
  const graph = new Graph();
  const params = paramInputs(graph, spec.tensors);
  const support = supportInputs(graph, spec, sizes);
  const rows = sizes.ways * sizes.queries;
  const x = spec.preprocess(graph.input(inputs.query.view, { dtype: 'float32', shape: [rows, ...spec.view] }));
  const target = graph.input(inputs.query.target, { dtype: 'float32', shape: [rows, sizes.ways] });
  const after = adapted(params, (p) => supportLoss(forward(graph, spec.model, p, support.x), support, inner), {
    ...inner,
    secondOrder: ways[order].secondOrder,
  });
  const query = mean(crossEntropy(forward(graph, spec.model, after, x), target));
  const gradients = ways[order].gradients(params, after, query);

  const update = moved(graph, params, gradients, outer, episodes);
  graph.output('loss', query);
  return carried(graph, [update]);
}
