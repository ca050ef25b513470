import type { Tensor } from '../graph/type.ts';
import type { ModelAttribute, ModelGraph, ModelNode } from './model.ts';

/** Graphs in the attributes of a node (the branches of an If, the body of a Loop). */
export const subgraphs = (node: ModelNode): readonly ModelGraph[] =>
  [...node.attributes.values()].flatMap((a) => (a.kind === 'graph' ? [a.value] : []));

/** Names that a graph uses and does not make itself: values of the graphs around it. */
export function freeNames(graph: ModelGraph): ReadonlySet<string> {
  const own = new Set([
    ...graph.inputs.map((v) => v.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((n) => n.outputs),
  ]);
  const used = [
    ...graph.nodes.flatMap((n) => [...n.inputs, ...subgraphs(n).flatMap((g) => [...freeNames(g)])]),
    ...graph.outputs.map((v) => v.name),
  ];
  return new Set(used.filter((name) => name !== '' && !own.has(name)));
}

/** Everything a node reads, the values that its subgraphs use included. */
export const reads = (node: ModelNode): readonly string[] => {
  const inside = subgraphs(node).flatMap((g) => [...freeNames(g)]);
  return inside.length === 0 ? node.inputs : [...new Set([...node.inputs, ...inside])];
};

/** Names that a graph and the graphs inside of it give to values of their own. */
export const ownNames = (graph: ModelGraph): readonly string[] => [
  ...graph.inputs.map((v) => v.name),
  ...graph.initializers.keys(),
  ...graph.nodes.flatMap((n) => [...n.outputs, ...subgraphs(n).flatMap(ownNames)]),
];

/** The node under other names; `name` also answers for values inside of its subgraphs. */
export const renamedNode = (node: ModelNode, label: string, name: (old: string) => string): ModelNode => ({
  ...node,
  name: label,
  inputs: node.inputs.map(name),
  outputs: node.outputs.map(name),
  attributes: new Map(
    [...node.attributes].map(([key, a]): [string, ModelAttribute] => [
      key,
      a.kind === 'graph' ? { kind: 'graph', value: renamedGraph(a.value, name) } : a,
    ]),
  ),
});

export const renamedGraph = (graph: ModelGraph, name: (old: string) => string): ModelGraph => ({
  name: graph.name,
  inputs: graph.inputs.map((v) => ({ ...v, name: name(v.name) })),
  outputs: graph.outputs.map((v) => ({ ...v, name: name(v.name) })),
  initializers: new Map([...graph.initializers].map(([key, t]): [string, Tensor] => [name(key), t])),
  nodes: graph.nodes.map((n) => renamedNode(n, n.name, name)),
  values: new Map([...graph.values.values()].map((v) => [name(v.name), { ...v, name: name(v.name) }])),
});
