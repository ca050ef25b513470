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
  /** The name itself, or one like it if something else in the file has it. */
  unique(name: string): string;
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
    emit: (e, inputs, made, outputs) => {
      const emitter = e as ProtoEmitter;
      emitter.proto(asMessage(made, inputs, outputs, emitter.unique));
    },
  });
  return graph.node(entry, [...node.inputs, ...captured].map(known), attrs, types);
}

function asTensor(proto: NodeProto): Tensor {
  const data = toBinary(NodeProtoSchema, proto);
  return { dtype: 'uint8', shape: [data.length], data };
}

function asMessage(
  node: Node,
  inputs: readonly string[],
  outputs: readonly string[],
  unique: (name: string) => string,
): NodeProto {
  const { message, explicit, captured, inner } = node.attrs as ForeignAttrs;
  const proto = fromBinary(NodeProtoSchema, message.data as Uint8Array);
  const names = new Map<string, string>();
  for (const name of lines(inner)) if (name !== '' && !names.has(name)) names.set(name, unique(name));
  lines(captured).forEach((name, i) => {
    names.set(name, inputs[explicit + i]!);
  });
  proto.input = inputs.slice(0, explicit);
  proto.output = [...outputs];
  for (const a of proto.attribute) if (a.g) rename(a.g, names);
  return proto;
}

/** Gives the values in and around a subgraph the names that they have in the new file. */
function rename(graph: GraphProto, names: ReadonlyMap<string, string>): void {
  const renamed = (name: string): string => names.get(name) ?? name;
  for (const n of graph.node) {
    n.input = n.input.map(renamed);
    n.output = n.output.map(renamed);
    for (const a of n.attribute) if (a.g) rename(a.g, names);
  }
  for (const v of [...graph.input, ...graph.output, ...graph.initializer, ...graph.valueInfo]) v.name = renamed(v.name);
}

const lines = (text: string): readonly string[] => (text === '' ? [] : text.split('\n'));
