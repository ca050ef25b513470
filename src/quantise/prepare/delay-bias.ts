import type { ModelGraph, ModelNode } from '../../onnx/model.ts';
import { reads } from '../../onnx/scope.ts';
import { isOp, readersOf, resultOf } from '../node.ts';

/**
 * LayerNormalization((p + b) + r) with a fixed bias b as LayerNormalization((p + r) + b): ONNX Runtime makes one operator of the
 * first on the CPU (SkipLayerNormalization), which takes several times as long as the three of the second.
 */
export function delayBias(graph: ModelGraph): ModelGraph {
  const readers = readersOf(graph, reads);
  const results = new Set(graph.outputs.map((v) => v.name));
  const makers = new Map(graph.nodes.map((n) => [resultOf(n), n]));
  const rank = (name: string): number | undefined => graph.initializers.get(name)?.shape.length;
  const sumAt = (name: string): ModelNode | undefined => {
    const sum = makers.get(name);
    return sum && isOp(sum, 'Add') && readers.get(name)?.length === 1 && !results.has(name) ? sum : undefined;
  };
  const replaced = new Map<ModelNode, readonly ModelNode[]>();
  for (const norm of graph.nodes) {
    const last = isOp(norm, 'LayerNormalization') ? sumAt(norm.inputs[0]!) : undefined;
    if (!last) continue;
    for (const [from, other] of [last.inputs, [...last.inputs].reverse()] as [string, string][]) {
      const first = sumAt(from);
      const bias = first?.inputs.find((name) => rank(name) === 1);
      const product = first?.inputs.find((name) => name !== bias);
      if (!first || bias === undefined || product === undefined || from === other || replaced.has(first)) continue;
      replaced.set(first, []);
      replaced.set(last, [
        { ...last, inputs: [product, other], outputs: [resultOf(first)] },
        { ...first, inputs: [resultOf(first), bias], outputs: last.outputs },
      ]);
      break;
    }
  }
  return replaced.size === 0 ? graph : { ...graph, nodes: graph.nodes.flatMap((n) => replaced.get(n) ?? [n]) };
}
