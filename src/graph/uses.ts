import type { Graph, Node, Value } from './graph.ts';

/** A node that reads a value, and as which of its inputs. */
export interface Use {
  readonly node: Node;
  readonly at: number;
}

export type Uses = ReadonlyMap<Value, readonly Use[]>;

/** Who reads each value, in the order of the nodes. */
export function usesOf(graph: Graph): Uses {
  const uses = new Map<Value, Use[]>();
  for (const node of graph.nodes) {
    node.inputs.forEach((v, at) => {
      if (!v) return;
      const list = uses.get(v);
      if (list) list.push({ node, at });
      else uses.set(v, [{ node, at }]);
    });
  }
  return uses;
}
