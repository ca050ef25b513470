import type { Graph, Node, Value } from '../graph/graph.ts';
import { type Dim, type Shape, sameShape } from '../graph/type.ts';
import { fromBlocked, ReorderInput, ReorderOutput, toBlocked } from '../ops/blocked.ts';
import { specOf } from '../ops/define.ts';
import { reshape } from '../ops/shape.ts';
import { keep, rebuild } from './copy.ts';

/** How an operand of a pointwise operator goes with a blocked result of a shape; undefined where it does not. */
type Role = 'whole' | 'each example' | 'each channel';

function roleOf(operand: Shape, [n, c, h, w]: readonly [Dim, Dim, Dim, Dim]): Role | undefined {
  if (operand.length > 4) return undefined;
  const [a, b, ...rest] = [...Array<number>(4 - operand.length).fill(1), ...operand];
  if (a === n && b === c && rest[0] === h && rest[1] === w) return 'whole';
  if (rest.some((d) => d !== 1) || (a !== 1 && a !== n)) return undefined;
  return b === 1 ? 'each example' : b === c ? 'each channel' : undefined;
}

const rank4 = (shape: Shape): shape is readonly [Dim, Dim, Dim, Dim] => shape.length === 4;

/** Whether a node can do its work in the blocked layout because some of its operands come in it. */
export function staysBlocked(node: Node, inputs: readonly (Value | undefined)[], isBlocked: (v: Value | undefined) => boolean) {
  if (node.op === ReorderOutput) return node.attrs.channels_last === 0;
  const { shape, dtype } = node.outputs[0]!;
  if (!specOf(node).pointwise || dtype !== 'float32' || !rank4(shape)) return false;
  const fits = inputs.every((v) => v && v.dtype === 'float32' && roleOf(v.shape, shape) !== undefined);
  return fits && inputs.some((v) => isBlocked(v) && sameShape(v!.shape, shape));
}

/**
 * Moves changes of layout to the ends: what comes out of the blocked layout and goes into it again stays there, and operators that
 * look at one place at a time work in it.
 *
 * @param block Channels per block; 0 leaves everything as it is.
 */
export function keepBlocked(graph: Graph, block: number): Graph {
  if (block === 0) return graph;
  const blockedOf = new Map<Value, Value>();
  const entered = (v: Value): Value => {
    const known = blockedOf.get(v) ?? toBlocked(v);
    blockedOf.set(v, known);
    return known;
  };
  const left = (v: Value): Value => {
    const plain = fromBlocked(v);
    blockedOf.set(plain, v);
    return plain;
  };
  const moved = rebuild(graph, (node, inputs, into) => {
    if (node.op === ReorderInput && node.attrs.channels_last === 0) return [entered(inputs[0]!)];
    if (node.op === ReorderOutput && node.attrs.channels_last === 0) return [left(inputs[0]!)];
    if (!staysBlocked(node, inputs, (v) => v !== undefined && blockedOf.has(v))) return keep(node, inputs, into);
    return [left(inBlocks(node, inputs as readonly Value[], block, entered))];
  });
  // What nothing reads in the plain layout is gone in a second copy.
  return rebuild(moved);
}

/** A pointwise node on blocked operands. */
function inBlocks(node: Node, inputs: readonly Value[], block: number, entered: (v: Value) => Value): Value {
  const { dtype, shape } = node.outputs[0]!;
  const [n, c, h, w] = shape as readonly [number, number, number, number];
  const roles = inputs.map((v) => roleOf(v.shape, [n, c, h, w])!);
  const operands = inputs.map((v, i) => (roles[i] === 'whole' ? entered(v) : v));
  const apply = (given: readonly Value[], of: Shape): Value =>
    given[0]!.graph.node(node.op, given, node.attrs, [{ dtype, shape: of }], node.label)[0]!;
  if (!roles.includes('each channel')) return apply(operands, shape);
  // The channels of a block lie beside each other: an axis of their own says so to the operator.
  const views = {
    whole: (v: Value) => reshape(v, [n, c / block, h * w, block]),
    'each channel': (v: Value) => reshape(v, [-1, c / block, 1, block]),
    'each example': (v: Value) => v,
  };
  const viewed = operands.map((v, i) => views[roles[i]!](v));
  return reshape(apply(viewed, [n, c / block, h * w, block]), shape);
}
