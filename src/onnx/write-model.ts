import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as As,
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from 'onnx-buf';
import { attributeProto } from './attribute.ts';
import type { Model, ModelAttribute, ModelGraph, ModelNode, ModelValue } from './model.ts';
import { tensorProto } from './tensor.ts';
import { valueInfo } from './value-info.ts';

/** Writes a description as an ONNX file of its own opset, for the engine to look at; functions have to be expanded before. */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const proto = create(ModelProtoSchema, {
    // Older files must list initializers as inputs; newer versions of the format need not.
    irVersion: BigInt(Math.max(model.irVersion, 8)),
    producerName: model.producer,
    opsetImport: [...model.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    graph: writtenGraph(model.graph),
  });
  return toBinary(ModelProtoSchema, proto) as Uint8Array<ArrayBuffer>;
}

const writtenGraph = (graph: ModelGraph): GraphProto =>
  create(GraphProtoSchema, {
    name: graph.name || 'graph',
    node: graph.nodes.map(nodeProto),
    initializer: [...graph.initializers].map(([name, t]) => tensorProto(t, name)),
    input: graph.inputs.map(declared),
    output: graph.outputs.map(declared),
    valueInfo: [...graph.values.values()].map(declared),
  });

const declared = (v: ModelValue) => valueInfo(v.name, v);

/** The message of a node, subgraphs included. */
export const nodeProto = (node: ModelNode): NodeProto =>
  create(NodeProtoSchema, {
    input: [...node.inputs],
    output: [...node.outputs],
    name: node.name,
    opType: node.op,
    ...(node.domain && { domain: node.domain }),
    attribute: [...node.attributes].map(([name, attribute]) => writtenAttribute(name, attribute)),
  });

function writtenAttribute(name: string, attribute: ModelAttribute): AttributeProto {
  if (attribute.kind === 'reference')
    throw new Error(`internal: attribute '${name}' refers to one of a function that is not expanded`);
  if (attribute.kind === 'graph') {
    return create(AttributeProtoSchema, { name, type: As.GRAPH, g: writtenGraph(attribute.value) });
  }
  return attributeProto(name, attribute);
}
