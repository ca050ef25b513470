import type { ModelAttribute, ModelGraph, ModelNode } from '../onnx/model.ts';

/** A node of the standard operators unless another domain is told. */
export const makeNode = (
  op: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, ModelAttribute>> = {},
  domain = '',
): ModelNode => ({ name, op, domain, inputs, outputs, attributes: new Map(Object.entries(attributes)) });

export const int = (value: number): ModelAttribute => ({ kind: 'int', value: BigInt(value) });

/** A whole-number attribute, or what it means where it is not given. */
export function intOf(node: ModelNode, name: string, otherwise: number): number {
  const a = node.attributes.get(name);
  return a?.kind === 'int' ? Number(a.value) : otherwise;
}

/** A number attribute, or what it means where it is not given. */
export function floatOf(node: ModelNode, name: string, otherwise: number): number {
  const a = node.attributes.get(name);
  return a?.kind === 'float' ? a.value : otherwise;
}

/** The first output of a node: a node is found in a graph by it. */
export const resultOf = (node: ModelNode): string => node.outputs[0]!;

/** Whether a node is the standard operator of this name. */
export const isOp = (node: ModelNode, op: string): boolean => node.op === op && node.domain === '';

/** Which nodes read a value, by name; values that subgraphs use are read by the node that holds the subgraph. */
export function readersOf(
  graph: ModelGraph,
  reads: (node: ModelNode) => readonly string[],
): ReadonlyMap<string, readonly ModelNode[]> {
  const readers = new Map<string, ModelNode[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(reads(node))) {
      const list = readers.get(name) ?? [];
      list.push(node);
      readers.set(name, list);
    }
  }
  return readers;
}
