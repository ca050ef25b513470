import { type Graph, type Node, nodeOf, type Value } from '../graph/graph.ts';
import { sameShape } from '../graph/type.ts';
import { relu } from '../ops/activations.ts';
import { BlockedConv, type BlockedConvAttrs, Interleave } from '../ops/blocked.ts';
import { add } from '../ops/elementwise.ts';
import { keep, neededBy, rebuild } from './copy.ts';

/** Whether a new value is read in one place only; then what makes it may be replaced. */
type ReadOnce = (v: Value) => boolean;

/** Appends a cheaper form of a node to the graph of its inputs, or does not. */
type Join = (node: Node, inputs: readonly Value[], once: ReadOnce) => Value | undefined;

/** A blocked convolution that nothing has been joined to yet, and whose result is needed for this alone. */
function openConv(v: Value | undefined, once: ReadOnce): Node | undefined {
  const node = v && nodeOf(v);
  return node?.op === BlockedConv && node.inputs.length < 4 && !node.attrs.activation && once(v!) ? node : undefined;
}

const again = (conv: Node, inputs: Node['inputs'], attrs: object = {}): Value =>
  BlockedConv(inputs, { ...(conv.attrs as BlockedConvAttrs), ...attrs });

/** Σ + convolution: the convolution begins at the summand. */
const sumIntoConv: Join = (node, [a, b], once) => {
  if (node.op !== add.op || !sameShape(a!.shape, b!.shape)) return undefined;
  // The later one: everything that it reads is there, and so is the other one.
  const convs = [a!, b!].filter((v) => openConv(v, once)).sort((p, q) => q.id - p.id);
  const conv = convs[0] && nodeOf(convs[0]);
  if (!conv) return undefined;
  const [x, w, bias] = conv.inputs;
  return again(conv, [x, w, bias, convs[0] === a ? b : a]);
};

/** Sums of interleaved phases are the interleaved sums. */
const sumBeforeInterleave: Join = (node, [a, b], once) => {
  if (node.op !== add.op) return undefined;
  const [p, q] = [nodeOf(a!), nodeOf(b!)];
  if (p?.op !== Interleave || q?.op !== Interleave || !once(a!) || !once(b!)) return undefined;
  if (String(p.attrs.phases) !== String(q.attrs.phases)) return undefined;
  const sum = sumIntoConv(node, [p.inputs[0]!, q.inputs[0]!], () => true) ?? add(p.inputs[0]!, q.inputs[0]!);
  return Interleave([sum], p.attrs as Parameters<typeof Interleave>[1]);
};

const reluIntoConv: Join = (node, [x], once) => {
  if (node.op !== relu.op) return undefined;
  const conv = nodeOf(x!);
  if (conv?.op !== BlockedConv || conv.attrs.activation || !once(x!)) return undefined;
  return again(conv, conv.inputs, { activation: 'Relu' });
};

const joins: readonly Join[] = [sumBeforeInterleave, sumIntoConv, reluIntoConv];

/** Lets operators do on their way what would be another pass over the data. */
export function joinPasses(graph: Graph): Graph {
  const readers = new Map<Value, number>();
  const count = (v: Value | undefined): void => void (v && readers.set(v, (readers.get(v) ?? 0) + 1));
  for (const node of neededBy([...graph.outputs.values()])) node.inputs.forEach(count);
  for (const v of graph.outputs.values()) count(v);

  const single = new Set<Value>();
  const joined = rebuild(graph, (node, inputs, into) => {
    const once: ReadOnce = (v) => single.has(v);
    const found = joins.reduce<Value | undefined>(
      (done, join) => done ?? join(node, inputs as readonly Value[], once),
      undefined,
    );
    const outputs = found ? [found] : keep(node, inputs, into);
    node.outputs.forEach((y, i) => {
      if (readers.get(y) === 1) single.add(outputs[i]!);
    });
    return outputs;
  });
  // What was replaced is read by nothing: a second copy leaves it out.
  return rebuild(joined);
}
