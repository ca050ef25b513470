import { type Graph, type Node, nodeOf, type Value } from '../../graph/graph.ts';
import { isFloat, sameShape } from '../../graph/type.ts';
import { type Uses, usesOf } from '../../graph/uses.ts';

/** A graph with what looking for roles asks of it again and again. */
export interface Structure {
  readonly graph: Graph;
  readonly uses: Uses;
  /** The first name of each value. */
  readonly names: ReadonlyMap<Value, string>;
  /** Values that follow from the graph's inputs: everything else is a weight, or made of weights. */
  readonly fed: ReadonlySet<Value>;
}

export function structureOf(graph: Graph): Structure {
  const names = new Map<Value, string>();
  for (const [name, v] of graph.names) if (!names.has(v)) names.set(v, name);
  const fed = reachable(graph, graph.inputs, () => true);
  return { graph, uses: usesOf(graph), names, fed };
}

/** They tell how much there is, not what. */
const sizes: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** Values that follow from the contents of some values by way of nodes that pass; those values included. */
export function reachable(graph: Graph, from: readonly Value[], passes: (node: Node) => boolean): Set<Value> {
  const reached = new Set(from);
  for (const node of graph.nodes) {
    if (!sizes.has(node.op.onnx) && passes(node) && node.inputs.some((v) => v && reached.has(v)))
      for (const y of node.outputs) reached.add(y);
  }
  return reached;
}

/** Operators of layers with weights, or of attention: what a norm or an activation never has. */
export const products: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'Einsum']);

/** The two summands of a node that adds values of one shape, both made of the inputs; undefined for anything else. */
export function summands(node: Node, { fed }: Structure): readonly [Value, Value] | undefined {
  const [a, b] = node.inputs;
  const y = node.outputs[0]!;
  if (node.op.onnx !== 'Add' || !a || !b || !fed.has(a) || !fed.has(b) || !isFloat(y.dtype)) return undefined;
  return sameShape(a.shape, y.shape) && sameShape(b.shape, y.shape) ? [a, b] : undefined;
}

/** Goes back from a value through nodes with these operators, by their first input made of the inputs, until one stops it. */
export function backThrough(v: Value, passing: ReadonlySet<string>, { fed }: Structure): Value {
  let at = v;
  for (;;) {
    const node = nodeOf(at);
    const before = node && passing.has(node.op.onnx) ? node.inputs.filter((x) => x && fed.has(x)) : [];
    if (before.length !== 1) return at;
    at = before[0]!;
  }
}
