import { OnnxError } from './error.ts';
import type { Model, ModelAttribute, ModelFunction, ModelGraph, ModelNode } from './model.ts';
import { renamedNode } from './scope.ts';

/** Functions may call functions: a file of a few lines can ask for more nodes than there is memory. */
const mostNodes = 50_000;

/**
 * Replaces calls of the functions that a file defines by their bodies.
 *
 * @throws OnnxError if functions call themselves or unfold without measure.
 */
export function expandFunctions(model: Model, source: string): Model {
  if (model.functions.length === 0) return model;
  const table = new Map(model.functions.map((f) => [`${f.domain}:${f.name}`, f]));
  let count = 0;

  const expandNode = (node: ModelNode, within: readonly ModelFunction[]): readonly ModelNode[] => {
    if (++count > mostNodes) throw new OnnxError('damaged', `${source}: its functions unfold into more than ${mostNodes} nodes`);
    const inner = insideOf(node, (g) => expandGraph(g, within));
    const called = table.get(`${node.domain}:${node.op}`);
    if (!called) return [inner];
    if (within.includes(called))
      throw new OnnxError('damaged', `${source}: the function '${called.name}' calls itself; expected no cycle`);
    return body(called, inner, count).flatMap((n) => expandNode(n, [...within, called]));
  };
  const expandGraph = (graph: ModelGraph, within: readonly ModelFunction[]): ModelGraph => ({
    ...graph,
    nodes: graph.nodes.flatMap((n) => expandNode(n, within)),
  });
  return { ...model, graph: expandGraph(model.graph, []), functions: [] };
}

/** The nodes of a function with the names and attributes of one call. */
function body(called: ModelFunction, call: ModelNode, serial: number): readonly ModelNode[] {
  const prefix = `${call.name || call.op}.${serial}`;
  const names = new Map<string, string>([
    ['', ''],
    ...called.inputs.map((name, i): [string, string] => [name, call.inputs[i] ?? '']),
    ...called.outputs.map((name, i): [string, string] => [name, call.outputs[i] || `${prefix}/${name}`]),
  ]);
  const given = new Map([...called.defaults, ...call.attributes]);
  return called.nodes.map((n) =>
    renamedNode(withAttributes(n, given), `${prefix}/${n.name || n.op}`, (old) => names.get(old) ?? `${prefix}/${old}`),
  );
}

/** Puts the attributes of a call where a body refers to them; an attribute that is not given stays away. */
const withAttributes = (node: ModelNode, given: ReadonlyMap<string, ModelAttribute>): ModelNode => {
  const resolved = [...node.attributes].flatMap(([key, a]): readonly (readonly [string, ModelAttribute])[] => {
    if (a.kind !== 'reference') return [[key, a]];
    const value = given.get(a.value);
    return value ? [[key, value]] : [];
  });
  return insideOf({ ...node, attributes: new Map(resolved) }, (g) => ({
    ...g,
    nodes: g.nodes.map((n) => withAttributes(n, given)),
  }));
};

const insideOf = (node: ModelNode, change: (g: ModelGraph) => ModelGraph): ModelNode => ({
  ...node,
  attributes: new Map(
    [...node.attributes].map(([key, a]): [string, ModelAttribute] => [
      key,
      a.kind === 'graph' ? { kind: 'graph', value: change(a.value) } : a,
    ]),
  ),
});

/** Replaces Ifs whose condition is known by the branch that is taken; the same graph if there is none. */
export function takeKnownBranches(graph: ModelGraph, truth: (name: string) => boolean | undefined): ModelGraph {
  const initializers = new Map(graph.initializers);
  let changed = false;
  const nodes = graph.nodes.flatMap((node, position): readonly ModelNode[] => {
    const condition = node.op === 'If' && node.domain === '' ? truth(node.inputs[0] ?? '') : undefined;
    const branch = condition === undefined ? undefined : node.attributes.get(condition ? 'then_branch' : 'else_branch');
    if (branch?.kind !== 'graph') return [node];
    changed = true;
    const prefix = `${node.name || 'If'}.${position}`;
    const own = new Set([...branch.value.initializers.keys(), ...branch.value.nodes.flatMap((n) => n.outputs)]);
    // Inside of a branch every name is either its own, or one of the graph around it, or of a subgraph further in.
    const name = (old: string): string => (own.has(old) && old !== '' ? `${prefix}/${old}` : old);
    for (const [key, t] of branch.value.initializers) initializers.set(name(key), t);
    return [
      ...branch.value.nodes.map((n) => renamedNode(n, n.name && `${prefix}/${n.name}`, name)),
      ...branch.value.outputs.map((v, i) => copy(name(v.name), node.outputs[i] ?? '', `${prefix}/output.${i}`)),
    ];
  });
  return changed ? { ...graph, nodes, initializers } : graph;
}

const copy = (from: string, to: string, label: string): ModelNode => ({
  name: label,
  op: 'Identity',
  domain: '',
  inputs: [from],
  outputs: [to],
  attributes: new Map(),
});
