import type { Tensor } from '../../graph/type.ts';
import type { ModelAttribute, ModelGraph, ModelNode } from '../../onnx/model.ts';
import { isOp, resultOf } from '../node.ts';
import { withoutUnread } from './fold-batch-norm.ts';

/** Operators that only say an initializer in another way. */
const restated: Readonly<Record<string, (t: Tensor, node: ModelNode) => Tensor | undefined>> = {
  Identity: (t) => t,
  Transpose: (t, node) => (isMatrix(t) && swaps(node.attributes.get('perm')) ? transposed(t) : undefined),
};

/** Makes initializers of what is computed from initializers alone by renaming and transposing. */
export function settleWeights(graph: ModelGraph): ModelGraph {
  const initializers = new Map(graph.initializers);
  const results = new Set(graph.outputs.map((v) => v.name));
  const nodes = graph.nodes.filter((node) => {
    const rule = Object.keys(restated).find((op) => isOp(node, op));
    const from = rule && initializers.get(node.inputs[0]!);
    const made = from && !results.has(resultOf(node)) ? restated[rule]!(from, node) : undefined;
    if (made) initializers.set(resultOf(node), made);
    return !made;
  });
  return nodes.length === graph.nodes.length ? graph : withoutUnread({ ...graph, nodes, initializers });
}

const isMatrix = (t: Tensor): boolean => t.dtype === 'float32' && t.shape.length === 2;
const swaps = (perm: ModelAttribute | undefined): boolean => perm?.kind !== 'ints' || perm.value[0] === 1n;

/** A float32 matrix with rows and columns exchanged. */
export function transposed({ dtype, shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as readonly [number, number];
  const from = data as Float32Array;
  const to = new Float32Array(from.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j]!;
  return { dtype, shape: [columns, rows], data: to };
}
