import { constantOf, type Graph, type Node, type Value } from '../../graph/graph.ts';

/** Where the ids of tokens are in a value: all of it, or its slice at a place of an axis. */
type Where = 'all' | { readonly axis: number; readonly at: number };
type Known = ReadonlyMap<Value, Where>;

/** How ids go through operators that only move them, from where they are before. */
const ways: Readonly<Record<string, (node: Node, known: Known) => Where | undefined>> = {
  Cast: ({ inputs: [x] }, known) => known.get(x!),
  Identity: ({ inputs: [x] }, known) => known.get(x!),
  Reshape({ inputs: [x], outputs: [y] }, known) {
    const before = known.get(x!);
    if (before === 'all') {
      const axis = y!.shape.findIndex((_, i) => y!.shape.toSpliced(i, 1).join() === x!.shape.join());
      return axis < 0 ? 'all' : { axis, at: 0 };
    }
    return before && x!.shape[before.axis] === 1 ? 'all' : undefined;
  },
  Concat({ inputs, attrs: { axis } }, known) {
    let offset = 0;
    for (const x of inputs) {
      const part = known.get(x!);
      if (part && part !== 'all' && part.axis === axis) return { axis, at: offset + part.at };
      offset += Number(x!.shape[axis as number]);
    }
    return undefined;
  },
  Gather({ inputs: [x, index], attrs: { axis }, outputs: [y] }, known) {
    const before = known.get(x!);
    const place = constantOf(index);
    if (!before || before === 'all' || before.axis !== axis || place?.data.length !== 1) return undefined;
    const size = Number(x!.shape[before.axis]);
    if ((Number(place.data[0]) + size) % size !== before.at) return undefined;
    return y!.rank < x!.rank ? 'all' : { axis: before.axis, at: 0 };
  },
};

/**
 * Values of a graph that are the ids of a view [B, 2, L] and nothing else, in their order, whatever they were cast to and put
 * together with on the way.
 */
export function idsIn(graph: Graph, view: Value): ReadonlySet<Value> {
  const known = new Map<Value, Where>([[view, { axis: 1, at: 0 }]]);
  for (const node of graph.nodes) {
    const found = ways[node.op.onnx]?.(node, known);
    if (found) known.set(node.outputs[0]!, found);
  }
  return new Set([...known].flatMap(([value, where]) => (where === 'all' ? [value] : [])));
}
