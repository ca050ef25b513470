import { type Node, nodeOf, type Value } from '../../graph/graph.ts';
import type { Structure } from './structure.ts';

/** One attention: what its softmax and its two products take. */
export interface Attention {
  readonly softmax: Node;
  /** Before the softmax, scaled and masked. */
  readonly scores: Value;
  readonly query: Value;
  /** Keys as the product takes them: the last two axes are d, L. */
  readonly keys: Value;
  readonly value: Value;
}

/** What may lie between the product of queries and keys and the softmax: scaling, masks, positions. */
const toScores: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Where', 'Max', 'Min', 'Clip', 'Cast', 'Reshape', 'Identity', 'Tanh'],
]);
/** What may lie between the softmax and the product with the values. */
const toContext: ReadonlySet<string> = new Set(['Identity', 'Cast', 'Where', 'Mul', 'Reshape', 'Dropout']);

/** The attentions of a graph in its order: softmaxes over a product of two computed values, whose result multiplies a third. */
export function attentionsIn(structure: Structure): readonly Attention[] {
  return structure.graph.nodes.flatMap((softmax) => {
    const scores = softmax.inputs[0];
    if (softmax.op.onnx !== 'Softmax' || !scores || scores.rank < 3 || !structure.fed.has(scores)) return [];
    const asked = productBehind(scores, structure);
    const answered = productAfter(softmax.outputs[0]!, structure);
    if (!asked || !answered) return [];
    return [{ softmax, scores, query: asked.inputs[0]!, keys: asked.inputs[1]!, value: answered.inputs[1]! }];
  });
}

const isProduct = (node: Node, { fed }: Structure): boolean =>
  node.op.onnx === 'MatMul' && node.inputs.every((v) => v && fed.has(v));

function productBehind(scores: Value, structure: Structure): Node | undefined {
  const open: Value[] = [scores];
  const seen = new Set<Value>();
  for (let v = open.pop(); v; v = open.pop()) {
    const node = nodeOf(v);
    if (!node || seen.has(v)) continue;
    seen.add(v);
    if (isProduct(node, structure)) return node;
    if (toScores.has(node.op.onnx)) open.push(...node.inputs.filter((x) => x !== undefined));
  }
  return undefined;
}

function productAfter(weights: Value, structure: Structure): Node | undefined {
  const open: Value[] = [weights];
  for (let v = open.pop(); v; v = open.pop()) {
    for (const { node, at } of structure.uses.get(v) ?? []) {
      if (at === 0 && isProduct(node, structure)) return node;
      if (toContext.has(node.op.onnx)) open.push(node.outputs[0]!);
    }
  }
  return undefined;
}
