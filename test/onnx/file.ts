import { create, type Message, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import type { Tensor, TensorType } from '../../src/graph/type.ts';
import { attributeProto, type WrittenAttr } from '../../src/onnx/attribute.ts';
import { tensorProto } from '../../src/onnx/tensor.ts';
import { valueInfo } from '../../src/onnx/value-info.ts';

type Init<S extends typeof ModelProtoSchema> = Exclude<MessageInitShape<S>, Message>;
export type ModelFields = Init<typeof ModelProtoSchema>;
export type GraphFields = Exclude<NonNullable<ModelFields['graph']>, Message>;

export interface FileNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs?: Readonly<Record<string, WrittenAttr | { readonly kind: 'graph'; readonly value: GraphFields }>>;
}

export interface FileParts {
  readonly inputs?: Readonly<Record<string, TensorType>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly FileNode[];
  readonly outputs: readonly string[];
}

export const nodeFields = ({ op, domain = '', inputs, outputs, attrs = {} }: FileNode) => ({
  opType: op,
  domain,
  name: outputs[0]!,
  input: [...inputs],
  output: [...outputs],
  attribute: Object.entries(attrs).map(([name, a]) =>
    a.kind === 'graph' ? { name, type: 5, g: a.value } : attributeProto(name, a),
  ),
});

export const graphFields = ({ inputs = {}, constants = {}, nodes, outputs }: FileParts): GraphFields => ({
  name: 'test',
  node: nodes.map(nodeFields),
  input: Object.entries(inputs).map(([name, type]) => valueInfo(name, type)),
  initializer: Object.entries(constants).map(([name, t]) => tensorProto(t, name)),
  output: outputs.map((name) => ({ name })),
});

/** An ONNX file made by hand, as other programs write them. */
export const modelFile = (opset: number, parts: FileParts, rest: ModelFields = {}): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: BigInt(opset) }], graph: graphFields(parts), ...rest }),
  );
