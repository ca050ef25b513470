import { type Node, nodeOf, type Value } from '../../graph/graph.ts';
import { sameShape } from '../../graph/type.ts';
import { relu } from '../../ops/activations.ts';
import { BlockedConv, type BlockedConvAttrs, Interleave } from '../../ops/blocked.ts';
import { add } from '../../ops/elementwise.ts';
import type { Join, ReadOnce } from './join.ts';

/** A blocked convolution that nothing has been joined to yet, and whose result is needed for this alone. */
function openConv(v: Value, once: ReadOnce): Node | undefined {
  const node = nodeOf(v);
  return node?.op === BlockedConv && node.inputs.length < 4 && !node.attrs.activation && once(v) ? node : undefined;
}

const again = (conv: Node, inputs: Node['inputs'], attrs: Partial<BlockedConvAttrs> = {}): Value =>
  BlockedConv(inputs, { ...(conv.attrs as BlockedConvAttrs), ...attrs });

/** A convolution and a sum: the convolution begins at the summand. */
export const sumIntoConv: Join = (node, [a, b], once) => {
  if (node.op !== add.op || !sameShape(a!.shape, b!.shape)) return undefined;
  // Of two, the later one: it is the one whose result would have to wait.
  const [last] = [a!, b!].filter((v) => openConv(v, once)).sort((p, q) => q.id - p.id);
  if (!last) return undefined;
  const conv = nodeOf(last)!;
  const [x, w, bias] = conv.inputs;
  return again(conv, [x, w, bias, last === a ? b : a]);
};

/** Sums of interleaved phases are the interleaved sums. */
export const sumBeforeInterleave: Join = (node, [a, b], once) => {
  if (node.op !== add.op) return undefined;
  const [p, q] = [nodeOf(a!), nodeOf(b!)];
  if (p?.op !== Interleave || q?.op !== Interleave || !once(a!) || !once(b!)) return undefined;
  if (String(p.attrs.phases) !== String(q.attrs.phases)) return undefined;
  const parts = [p.inputs[0]!, q.inputs[0]!] as const;
  return Interleave([sumIntoConv(node, parts, once) ?? add(...parts)], p.attrs as Parameters<typeof Interleave>[1]);
};

export const reluIntoConv: Join = (node, [x], once) => {
  if (node.op !== relu.op) return undefined;
  const conv = nodeOf(x!);
  if (conv?.op !== BlockedConv || conv.attrs.activation || !once(x!)) return undefined;
  return again(conv, conv.inputs, { activation: 'Relu' });
};
