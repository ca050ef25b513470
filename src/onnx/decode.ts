import { fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as As,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from 'onnx-buf';
import type { Dim, Tensor } from '../graph/type.ts';
import { dtypeOf, type ReadExternal, type TensorReader, tensorReader } from './decode-tensor.ts';
import { OnnxError } from './error.ts';
import {
  type Model,
  type ModelAttribute,
  type ModelFunction,
  type ModelGraph,
  type ModelNode,
  type ModelValue,
  unnamedDim,
} from './model.ts';

export interface ReadOptions {
  /** What the model is called in messages, usually its path. */
  readonly source?: string;
  readonly readExternal?: ReadExternal;
}

/** Versions of the standard operators that the table of operators was written for. */
export const opsetRange = { oldest: 7, newest: 21 } as const;
const irRange = { oldest: 3, newest: 13 } as const;

/**
 * Reads an ONNX file into plain data that shares its memory.
 *
 * @throws OnnxError for anything that is not a model Potstill can use; nothing else is thrown, whatever the bytes are.
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Model {
  const source = options.source ?? 'ONNX model';
  const proto = parse(bytes, source);
  checkVersions(proto, source);
  const context: Context = { source, tensor: tensorReader(source, options.readExternal) };
  return {
    irVersion: Number(proto.irVersion),
    opsets: new Map(proto.opsetImport.map((o) => [standard(o.domain), Number(o.version)])),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries(proto.metadataProps.map(({ key, value }) => [key, value])),
    graph: readGraph(proto.graph!, context),
    functions: proto.functions.map((f) => readFunction(f, context)),
  };
}

interface Context {
  readonly source: string;
  readonly tensor: TensorReader;
}

function parse(bytes: Uint8Array, source: string): ModelProto {
  const advice = 'expected an ONNX file; it may be cut off, compressed, a Git LFS pointer or of another format';
  let proto: ModelProto;
  try {
    // Not a Buffer: its subarrays would be Buffers too.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    proto = fromBinary(ModelProtoSchema, plain, { readUnknownFields: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OnnxError('damaged', `${source}: ${bytes.byteLength} bytes that cannot be decoded (${reason}); ${advice}`, error);
  }
  if (!proto.graph || proto.irVersion === 0n) {
    throw new OnnxError('damaged', `${source}: ${bytes.byteLength} bytes without a graph; ${advice}`);
  }
  return proto;
}

const standard = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);

function checkVersions(proto: ModelProto, source: string): void {
  const ir = Number(proto.irVersion);
  if (ir < irRange.oldest || ir > irRange.newest) {
    throw new OnnxError(
      'version',
      `${source}: IR version ${ir}; expected ${irRange.oldest} to ${irRange.newest}; export the model again`,
    );
  }
  const opset = Number(proto.opsetImport.find((o) => standard(o.domain) === '')?.version ?? 0n);
  if (opset < opsetRange.oldest || opset > opsetRange.newest) {
    throw new OnnxError(
      'version',
      `${source}: ${opset === 0 ? 'no version of the standard operators' : `opset ${opset}`}; expected ${opsetRange.oldest} to ${opsetRange.newest}; export it again with opset 17, say`,
    );
  }
  if (proto.trainingInfo.length > 0) {
    throw new OnnxError(
      'unsupported',
      `${source}: it holds training information; expected a model for inference; export it without`,
    );
  }
}

function readGraph(proto: GraphProto, context: Context): ModelGraph {
  if (proto.sparseInitializer.length > 0) {
    throw new OnnxError('unsupported', `${context.source}: sparse initializers; expected dense ones; convert the model`);
  }
  const initializers = new Map<string, Tensor>();
  for (const t of proto.initializer) initializers.set(t.name, context.tensor(t, t.name));
  return {
    name: proto.name,
    inputs: proto.input.filter((v) => !initializers.has(v.name)).map(readValue),
    outputs: proto.output.map(readValue),
    initializers,
    nodes: proto.node.map((n) => readNode(n, context)),
    values: new Map(proto.valueInfo.map((v) => [v.name, readValue(v)])),
  };
}

function readValue({ name, type }: ValueInfoProto): ModelValue {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  return {
    name,
    dtype: tensor && dtypeOf(tensor.elemType),
    shape: tensor?.shape?.dim.map(({ value }, axis): Dim => {
      if (value.case === 'dimParam' && value.value) return value.value;
      return value.case === 'dimValue' && value.value >= 0n ? Number(value.value) : unnamedDim(name, axis);
    }),
  };
}

function readNode(proto: NodeProto, context: Context): ModelNode {
  const where = `${context.source}: ${proto.opType} '${proto.name || proto.output[0]}'`;
  return {
    name: proto.name,
    op: proto.opType,
    domain: standard(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: new Map(proto.attribute.map((a) => [a.name, readAttribute(a, where, context)])),
  };
}

const readFunction = (proto: FunctionProto, context: Context): ModelFunction => ({
  name: proto.name,
  domain: standard(proto.domain),
  inputs: proto.input,
  outputs: proto.output,
  nodes: proto.node.map((n) => readNode(n, context)),
  defaults: new Map(
    proto.attributeProto.map((a) => [a.name, readAttribute(a, `${context.source}: function ${proto.name}`, context)]),
  ),
});

const utf8 = new TextDecoder();

type Reader = (a: AttributeProto, context: Context, where: string) => ModelAttribute | undefined;

const readers: Partial<Record<As, Reader>> = {
  [As.INT]: (a) => ({ kind: 'int', value: a.i }),
  [As.INTS]: (a) => ({ kind: 'ints', value: a.ints }),
  [As.FLOAT]: (a) => ({ kind: 'float', value: a.f }),
  [As.FLOATS]: (a) => ({ kind: 'floats', value: a.floats }),
  [As.STRING]: (a) => ({ kind: 'string', value: utf8.decode(a.s) }),
  [As.STRINGS]: (a) => ({ kind: 'strings', value: a.strings.map((s) => utf8.decode(s)) }),
  [As.TENSOR]: (a, context, where) => a.t && { kind: 'tensor', value: context.tensor(a.t, `${a.name} of ${where}`) },
  [As.GRAPH]: (a, context) => a.g && { kind: 'graph', value: readGraph(a.g, context) },
};

/** Files from before attribute types were written say the type by the field that is set. */
const guess = (a: AttributeProto): As => {
  if (a.t) return As.TENSOR;
  if (a.g) return As.GRAPH;
  if (a.ints.length > 0) return As.INTS;
  if (a.floats.length > 0) return As.FLOATS;
  if (a.strings.length > 0) return As.STRINGS;
  if (a.s.byteLength > 0) return As.STRING;
  return a.f !== 0 ? As.FLOAT : As.INT;
};

function readAttribute(a: AttributeProto, where: string, context: Context): ModelAttribute {
  if (a.refAttrName) return { kind: 'reference', value: a.refAttrName };
  const type = a.type || guess(a);
  const attribute = readers[type]?.(a, context, where);
  if (attribute) return attribute;
  throw new OnnxError(
    'unsupported',
    `${where}: attribute '${a.name}' of kind ${As[type] ?? type}; expected numbers, text, tensors or graphs`,
  );
}
