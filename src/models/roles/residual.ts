import { type Node, nodeOf, type Value } from '../../graph/graph.ts';
import { sameShape } from '../../graph/type.ts';
import type { Attention } from './attention.ts';
import { products, reachable, type Structure, summands } from './structure.ts';

/** A layer: what enters it, and what leaves it. */
export interface Block {
  /** What is added to what the layer makes of it; undefined where that is not what entered, but something made of it. */
  readonly enters: Value | undefined;
  readonly leaves: Value;
}

/** What enters the first of some layers, and the layers. */
export interface Stream {
  readonly first: Value | undefined;
  readonly blocks: readonly Block[];
}

/**
 * The stream of a transformer: what enters each layer with an attention, and what leaves the last one. It is what attention's result
 * is added to; the end of the last layer is where the second sublayer is added, normalised if the layers normalise behind the sum.
 */
export function streamOf(attentions: readonly Attention[], structure: Structure): Stream {
  const joins = attentions.flatMap((a) => joinAfter(a, structure) ?? []);
  const last = joins.at(-1);
  const end = last && joins.length === attentions.length ? endAfter(last.sum, structure) : undefined;
  const leave = [...joins.slice(1).map((join) => join.stream), ...(end ? [end] : [])];
  return { first: joins[0]?.stream, blocks: leave.map((leaves, i) => ({ enters: joins[i]!.before, leaves })) };
}

/** Where the result of an attention is added. */
export interface Join {
  readonly sum: Value;
  /** What attention adds to. */
  readonly before: Value;
  /** What is added. */
  readonly added: Value;
  /** What enters the layer: `before`, or, where only some places of it are worked on, all of them. */
  readonly stream: Value;
}

/** The first sum of what an attention gives and what it did not make. */
export function joinAfter({ softmax, keys }: Attention, structure: Structure): Join | undefined {
  const { graph } = structure;
  const after = reachable(graph, softmax.outputs, () => true);
  for (const node of graph.nodes.slice(softmax.index)) {
    const [a, b] = summands(node, structure) ?? [];
    if (!a || !b || after.has(a) === after.has(b)) continue;
    const [before, added] = after.has(a) ? [b, a] : [a, b];
    return { sum: node.outputs[0]!, before, added, stream: wholeOf(before, keys, structure) };
  }
  return undefined;
}

/** Operators that take some places out of a value. */
const picking: ReadonlySet<string> = new Set(['Gather', 'Slice', 'Reshape', 'Squeeze', 'Unsqueeze', 'Identity']);

/** What some places were taken out of, if keys are made of all of them. */
function wholeOf(v: Value, keys: Value, { graph, fed }: Structure): Value {
  for (let at: Value | undefined = v; at; ) {
    if (reachable(graph, [at], () => true).has(keys)) return at;
    const node = nodeOf(at);
    const [x] = node && picking.has(node.op.onnx) ? node.inputs : [];
    at = x && fed.has(x) ? x : undefined;
  }
  return v;
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
