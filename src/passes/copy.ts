import { Graph, inputName, type Node, type Value } from '../graph/graph.ts';
import { neededNodes } from '../graph/needed.ts';

/** Turns a node into values of the new graph, one per output; `inputs` are its inputs there. */
export type Visit = (node: Node, inputs: readonly (Value | undefined)[], into: Graph) => readonly (Value | undefined)[];

/** The same node again. */
export const keep: Visit = (node, inputs, into) =>
  into.node(
    node.op,
    inputs,
    node.attrs,
    node.outputs.map((y) => y.type),
    node.label,
  );

/**
 * A new graph with each node passed through `visit`, in order. Inputs, outputs and names stay; nodes that no output needs are
 * dropped, and names of values that are gone with them.
 */
export function rebuild(graph: Graph, visit: Visit = keep): Graph {
  const into = new Graph();
  const made = new Map<Value, Value>();
  for (const v of graph.inputs) made.set(v, into.input(inputName(v)!, v.type));
  const there = (v: Value): Value => {
    const known = made.get(v);
    if (known) return known;
    if (v.origin.kind !== 'constant') throw new Error('internal: a node came before one of its inputs');
    const copy = into.constant(v.origin.tensor);
    made.set(v, copy);
    return copy;
  };
  for (const node of neededNodes(graph)) {
    const outputs = visit(
      node,
      node.inputs.map((v) => v && there(v)),
      into,
    );
    node.outputs.forEach((y, i) => {
      const copy = outputs[i];
      if (copy) made.set(y, copy);
    });
  }
  for (const [name, v] of graph.outputs) into.output(name, there(v));
  for (const [name, v] of graph.names) {
    const copy = made.get(v);
    if (copy) into.names.set(name, copy);
  }
  return into;
}

/** Appends the nodes of a small graph to another one: its inputs become `inputs`, in order; the result is its outputs, in order. */
export function inline(part: Graph, inputs: ReadonlyMap<Value, Value>, into: Graph, label: string): readonly Value[] {
  const made = new Map<Value, Value>(inputs);
  const there = (v: Value): Value => {
    const known = made.get(v);
    if (known) return known;
    if (v.origin.kind !== 'constant') throw new Error('internal: a part has an input that was not given');
    const copy = into.constant(v.origin.tensor);
    made.set(v, copy);
    return copy;
  };
  for (const node of neededNodes(part)) {
    const copies = keep({ ...node, label }, node.inputs.map((v) => v && there(v)), into); // biome-ignore format: one call
    node.outputs.forEach((y, i) => {
      made.set(y, copies[i]!);
    });
  }
  return [...part.outputs.values()].map(there);
}
