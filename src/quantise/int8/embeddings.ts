import type { Tensor } from '../../graph/type.ts';
import type { ModelGraph, ModelNode } from '../../onnx/model.ts';
import { reads } from '../../onnx/scope.ts';
import { intOf, isOp, readersOf } from '../node.ts';
import type { Chosen, Kept } from './plan.ts';

/** A table whose rows are looked up: its rows become 8 bits for the size alone. */
export interface Embedding {
  readonly node: ModelNode;
  readonly weight: Tensor;
}

export interface EmbeddingOptions {
  readonly chosen: readonly Chosen[];
  /** Tables with fewer numbers stay. */
  readonly smallest: number;
  readonly stays: (node: ModelNode) => string | undefined;
}

/** Finds the tables of a graph; those that somebody else still needs in float32 stay, since a second copy would only add bytes. */
export function findEmbeddings(
  graph: ModelGraph,
  { chosen, smallest, stays }: EmbeddingOptions,
): { readonly found: readonly Embedding[]; readonly kept: readonly Kept[] } {
  const readers = readersOf(graph, reads);
  const results = new Set(graph.outputs.map((v) => v.name));
  const eight = new Set(chosen.map((c) => c.node));
  const found: Embedding[] = [];
  const kept: Kept[] = [];
  const isLookup = (node: ModelNode): boolean => isOp(node, 'Gather') && intOf(node, 'axis', 0) === 0;
  for (const node of graph.nodes) {
    const table = node.inputs[0] ?? '';
    const weight = isLookup(node) ? graph.initializers.get(table) : undefined;
    if (weight?.dtype !== 'float32' || weight.shape.length !== 2) continue;
    const others = readers.get(table)!.filter((n) => !eight.has(n) && !(isLookup(n) && n.inputs[1] !== table && !stays(n)));
    const shared = others.length > 0 || results.has(table) ? 'other nodes read its table in float32' : undefined;
    const small = weight.data.length < smallest ? `only ${weight.data.length} weights: nothing to gain` : undefined;
    const reason = stays(node) ?? small ?? shared;
    if (reason === undefined) found.push({ node, weight });
    else kept.push({ node: node.name, op: node.op, reason });
  }
  return { found, kept };
}
