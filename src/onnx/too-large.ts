import type { GraphProto, ModelProto, TensorProto } from 'onnx-buf';
import { OnnxError } from './error.ts';

/** A file is one protobuf message, and that holds no more. */
const mostFileBytes = 2 ** 31 - 1;

/** Visits the weights of a graph by name: those of Constant nodes under the name of what they make. */
export function eachTensor(graph: GraphProto, visit: (proto: TensorProto, name: string) => void): void {
  for (const proto of graph.initializer) visit(proto, proto.name);
  for (const node of graph.node) {
    const value = node.opType === 'Constant' ? node.attribute.find((a) => a.name === 'value')?.t : undefined;
    if (value) visit(value, node.output[0] ?? '');
  }
}

/** @throws OnnxError `unsupported` if the weights inside of a model are more than a file can hold. */
export function refuseTooLarge({ graph }: ModelProto, source: string): void {
  let size = 0;
  if (graph) {
    eachTensor(graph, (proto) => {
      size += proto.rawData.byteLength;
    });
  }
  if (size <= mostFileBytes) return;
  throw new OnnxError(
    'unsupported',
    `${source}: with its weights inside it has ${(size / 1e9).toFixed(1)} GB, and one ONNX file holds 2.1 GB; ` +
      'keep the weights beside the model (external data), or take a smaller one',
  );
}
