import { type Graph, type Node, nodeOf, type Value } from './graph.ts';

/** The nodes that some of the values (the outputs of the graph unless told) depend on, in creation order. */
export function neededNodes(graph: Graph, values: Iterable<Value> = graph.outputs.values()): readonly Node[] {
  const needed = new Set<Node>();
  const open = [...values].flatMap((v) => nodeOf(v) ?? []);
  for (let node = open.pop(); node; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const v of node.inputs) {
      const before = v && nodeOf(v);
      if (before && !needed.has(before)) open.push(before);
    }
  }
  return graph.nodes.filter((n) => needed.has(n));
}
