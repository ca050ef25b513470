import { type ReadOptions, readModel } from '../../onnx/decode.ts';
import { OnnxError } from '../../onnx/error.ts';
import { expandFunctions } from '../../onnx/expand.ts';
import { liftConstants } from '../../onnx/lift-constants.ts';
import type { Model, ModelGraph } from '../../onnx/model.ts';
import { uniqueNames } from '../../onnx/names.ts';
import { sorted } from '../../onnx/sorted.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { settleWeights } from './settle-weights.ts';

/** Operators that only a quantised file has. */
const quantised =
  /^(QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|DynamicQuantizeMatMul|MatMulNBits|QLinear\w+|\w+Integer|MatMulIntegerToFloat|QGemm|QAttention)$/;

/**
 * Reads a file and brings it to the form that the rewrites of this folder start from: weights as initializers, normalisation folded
 * into convolutions, every node with a name of its own. It computes the same.
 *
 * @throws OnnxError if it is not a model, is quantised already, or has weights in half precision.
 */
export function prepare(bytes: Uint8Array, options: ReadOptions = {}): Model {
  const source = options.source ?? 'ONNX model';
  const model = expandFunctions(readModel(bytes, options), source);
  refuse(model.graph, source);
  const nodes = sorted(model.graph, source);
  const settled = settleWeights(liftConstants({ ...model.graph, nodes }));
  return { ...model, graph: named(foldBatchNorm(settled)) };
}

function refuse({ nodes, initializers }: ModelGraph, source: string): void {
  const found = nodes.find((n) => quantised.test(n.op));
  if (found) {
    throw new OnnxError(
      'unsupported',
      `${source}: it is quantised already (${found.op} '${found.name || found.outputs[0]}'); expected a model in float32; start from the file that it was made of`,
    );
  }
  const half = [...initializers].find(([, t]) => t.dtype === 'float16' || t.dtype === 'bfloat16');
  if (half) {
    throw new OnnxError(
      'unsupported',
      `${source}: its weights are ${half[1].dtype} already ('${half[0]}'); expected a model in float32; start from the file that it was made of`,
    );
  }
}

/** Names are how a report and `keep` speak of nodes: one for each, after the first output where the file has none. */
function named(graph: ModelGraph): ModelGraph {
  const names = uniqueNames();
  return {
    ...graph,
    nodes: graph.nodes.map((n) => ({ ...n, name: names.take(n.name || n.outputs.find((o) => o !== '') || n.op) })),
  };
}
