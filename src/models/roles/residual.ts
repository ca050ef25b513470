import type { Node, Value } from '../../graph/graph.ts';
import { sameShape } from '../../graph/type.ts';
import type { Attention } from './attention.ts';
import { products, reachable, type Structure, summands } from './structure.ts';

/**
 * The stream of a transformer: what enters each layer with an attention, and what leaves the last one. It is what attention's result
 * is added to; the end of the last layer is where the second sublayer is added, normalised if the layers normalise behind the sum.
 */
export function streamOf(attentions: readonly Attention[], structure: Structure): readonly Value[] {
  const joins = attentions.map((a) => joinAfter(a, structure));
  const stream = joins.flatMap((join) => (join ? [join.before] : []));
  const last = joins.at(-1);
  if (!last || stream.length < attentions.length) return stream;
  const end = endAfter(last.sum, structure);
  return end ? [...stream, end] : stream;
}

interface Join {
  readonly sum: Value;
  /** What was there before attention added to it. */
  readonly before: Value;
}

/** The first sum of what an attention gives and what it did not make. */
function joinAfter({ softmax }: Attention, structure: Structure): Join | undefined {
  const { graph } = structure;
  const after = reachable(graph, softmax.outputs, () => true);
  for (const node of graph.nodes.slice(softmax.index)) {
    const [a, b] = summands(node, structure) ?? [];
    if (!a || !b || after.has(a) === after.has(b)) continue;
    return { sum: node.outputs[0]!, before: after.has(a) ? b : a };
  }
  return undefined;
}

/** The end of the layer whose attention was added in `sum`. */
function endAfter(sum: Value, structure: Structure): Value | undefined {
  const { graph } = structure;
  const after = reachable(graph, [sum], () => true);
  const near = reachable(graph, [sum], (node) => !products.has(node.op.onnx));
  for (const node of graph.nodes) {
    const pair = summands(node, structure);
    const kept = pair?.find((v) => near.has(v));
    const added = pair?.find((v) => after.has(v) && !near.has(v));
    if (!kept || !added || !sameShape(node.outputs[0]!.shape, sum.shape)) continue;
    return kept === sum ? node.outputs[0]! : normalised(node.outputs[0]!, structure);
  }
  return undefined;
}

/** Operators that a written-out normalisation is made of. */
const norm: ReadonlySet<string> = new Set([
  ...['ReduceMean', 'Sub', 'Mul', 'Pow', 'Div', 'Add', 'Sqrt', 'Reciprocal', 'Cast', 'LayerNormalization'],
]);

/** The value after the normalisation that follows: the last point through which everything passes before another layer begins. */
function normalised(v: Value, structure: Structure): Value {
  let at = v;
  for (;;) {
    const next = nextPoint(at, structure);
    if (!next) return at;
    at = next.outputs[0]!;
    const shifts = next.op.onnx === 'Add' && next.inputs.some((x) => x && !structure.fed.has(x) && x.rank > 0);
    if (shifts || next.op.onnx === 'LayerNormalization') return at;
  }
}

/** The next node that all ways from a value lead through, by operators of a norm with weights or with each other. */
function nextPoint(v: Value, { graph, uses, fed }: Structure): Node | undefined {
  const inside = new Set([v]);
  const left = new Map([[v, uses.get(v)?.length ?? 0]]);
  for (const node of graph.nodes) {
    const from = node.inputs.filter((x) => x && inside.has(x)) as Value[];
    if (from.length === 0) continue;
    if (!norm.has(node.op.onnx) || node.inputs.some((x) => x && fed.has(x) && !inside.has(x))) return undefined;
    for (const x of from) left.set(x, left.get(x)! - 1);
    const y = node.outputs[0]!;
    inside.add(y);
    left.set(y, uses.get(y)?.length ?? 0);
    const open = [...left].filter(([x, n]) => n > 0 && x !== y);
    if (open.length === 0 && sameShape(y.shape, v.shape)) return node;
  }
  return undefined;
}

/** Ends of the residual blocks of a convolutional network: sums of two pictures, behind the activation that follows at once. */
export function blockEnds(structure: Structure): readonly Value[] {
  const { graph, uses } = structure;
  return graph.nodes.flatMap((node) => {
    const y = node.outputs[0]!;
    if (y.rank !== 4 || !summands(node, structure)) return [];
    const [use, ...more] = uses.get(y) ?? [];
    return use && more.length === 0 && activations.has(use.node.op.onnx) ? [use.node.outputs[0]!] : [y];
  });
}

const activations: ReadonlySet<string> = new Set(['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Elu', 'Selu', 'Gelu', 'HardSwish']);
