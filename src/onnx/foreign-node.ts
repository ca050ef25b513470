import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, type NodeProto, NodeProtoSchema } from 'onnx-buf';
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { Tensor, TensorType } from '../graph/type.ts';
import { type Emitter, type Op, op } from '../ops/define.ts';
import type { ModelNode } from './model.ts';
import { freeNames, ownNames, subgraphs } from './scope.ts';
import { nodeProto } from './write-model.ts';

/** An emitter that also takes a message as it is. */
export interface ProtoEmitter extends Emitter {
  proto(node: NodeProto): void;
}

/** A node of a file that is kept as it was. */
export type ForeignAttrs = {
  /** The message, without its inputs and outputs. */
  readonly message: Tensor;
  /** How many of the inputs the node has itself; the others are values that its subgraphs use. */
  readonly explicit: number;
  /** Names by which the subgraphs know those others, one a line. */
  readonly captured: string;
  /** Names that the subgraphs give to their own values, one a line. */
  readonly inner: string;
};

/**
 * Appends a node that Potstill cannot differentiate and writes back unchanged.
 *
 * @param reason Why, as a sentence for whoever needs its gradient.
 */
export function foreignNode(
  graph: Graph,
  node: ModelNode,
  known: (name: string) => Value | undefined,
  types: readonly TensorType[],
  reason: string,
): readonly Value[] {
  const inner = subgraphs(node);
  const captured = [...new Set(inner.flatMap((g) => [...freeNames(g)]))];
  const attrs: ForeignAttrs = {
    message: asTensor(nodeProto({ ...node, inputs: [], outputs: [] })),
    explicit: node.inputs.length,
    captured: captured.join('\n'),
    inner: inner.flatMap(ownNames).join('\n'),
  };
  const entry: Op<ForeignAttrs> = op<ForeignAttrs>({
    onnx: node.op,
    domain: node.domain,
    infer: () => types,
    vjp: { unsupported: reason },
    emit: (e, inputs, made, outputs) => (e as ProtoEmitter).proto(asMessage(made, inputs, outputs)),
  });
  return graph.node(entry, [...node.inputs, ...captured].map(known), attrs, types);
}

function asTensor(proto: NodeProto): Tensor {
  const data = toBinary(NodeProtoSchema, proto);
  return { dtype: 'uint8', shape: [data.length], data };
}

function asMessage(node: Node, inputs: readonly string[], outputs: readonly string[]): NodeProto {
  const { message, explicit, captured } = node.attrs as ForeignAttrs;
  const proto = fromBinary(NodeProtoSchema, message.data as Uint8Array);
  const outer = new Map(lines(captured).map((name, i) => [name, inputs[explicit + i]!]));
  proto.input = inputs.slice(0, explicit);
  proto.output = [...outputs];
  for (const a of proto.attribute) if (a.g) rename(a.g, outer);
  return proto;
}

/** Points the uses of outer values in a subgraph at their names in the new file. */
function rename(graph: GraphProto, outer: ReadonlyMap<string, string>): void {
  for (const n of graph.node) {
    n.input = n.input.map((name) => outer.get(name) ?? name);
    for (const a of n.attribute) if (a.g) rename(a.g, outer);
  }
  for (const v of graph.output) v.name = outer.get(v.name) ?? v.name;
}

/** Names inside of a node that nothing around it may have. */
export const namesInside = (node: Node): readonly string[] => lines((node.attrs as Partial<ForeignAttrs>).inner ?? '');

const lines = (text: string): readonly string[] => (text === '' ? [] : text.split('\n'));
