import { GraphError } from '../graph/error.ts';
import { carriesGradient, type Graph, inputName, type Node, nodeOf, type Value } from '../graph/graph.ts';
import { type Dim, type Shape, showType } from '../graph/type.ts';
import { filled, specOf } from '../ops/define.ts';
import { add, mul } from '../ops/elementwise.ts';
import { reduceSum } from '../ops/reduce.ts';
import { expand, reshape } from '../ops/shape.ts';

/**
 * Gradients of a value with respect to targets, in reverse mode, as values of the same graph: they can be differentiated again.
 *
 * @param loss Rank 0, unless `seed` (the cotangent of `loss`, same shape) is given.
 * @param targets Any values; a target that does not influence the loss gets zeros.
 * @throws GraphError `not-differentiable` if an operator without a derivative lies between a target and the loss.
 */
export function grad(loss: Value, targets: readonly Value[], seed?: Value): readonly Value[] {
  if (!seed && loss.rank !== 0) {
    throw new GraphError(
      'shape-mismatch',
      `grad: the loss is ${showType(loss.type)}; reduce it to one number or give its cotangent`,
    );
  }
  const graph = loss.graph;
  const last = nodeOf(loss)?.index ?? -1;
  const reached = influencedBy(graph, targets, last);
  const cotangents = new Map<Value, Value>();
  if (reached.has(loss)) cotangents.set(loss, seed ?? graph.scalar(1, loss.dtype));

  for (let i = last; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((y) => cotangents.has(y)) || !node.inputs.some((x) => x && reached.has(x))) continue;
    graph.scoped(`d ${node.label || node.op.onnx}`, () => passBack(node, cotangents, reached, loss));
  }
  return targets.map((t) => {
    const g = cotangents.get(t);
    return g ? expand(g, t.shape) : filled(graph, t.type, 0);
  });
}

/** Values that change when a target changes, targets included. */
function influencedBy(graph: Graph, targets: readonly Value[], last: number): ReadonlySet<Value> {
  const reached = new Set<Value>(targets);
  for (const node of graph.nodes.slice(0, last + 1)) {
    if (!node.inputs.some((x) => x && reached.has(x))) continue;
    for (const y of node.outputs) if (carriesGradient(y)) reached.add(y);
  }
  return reached;
}

function passBack(node: Node, cotangents: Map<Value, Value>, reached: ReadonlySet<Value>, loss: Value): void {
  const spec = specOf(node);
  const { vjp } = spec;
  if (typeof vjp !== 'function') {
    if ('stops' in vjp) return;
    throw new GraphError(
      'not-differentiable',
      `${node.op.onnx}: no gradient (${vjp.unsupported}), and one has to pass: ${pathTo(node, loss)}`,
    );
  }
  const grads = node.outputs.map((y) => {
    const g = cotangents.get(y);
    return g && !spec.lazy ? expand(g, y.shape) : g;
  });
  const g = grads[0] ?? filled(loss.graph, node.outputs[0]!.type, 0);
  const back = vjp(g, { inputs: node.inputs as readonly Value[], attrs: node.attrs, outputs: node.outputs, grads });
  node.inputs.forEach((x, i) => {
    const part = back[i];
    if (!x || !part || !reached.has(x)) return;
    const own = sumTo(part, x.shape, spec.broadcasts ? node.outputs[0]!.shape : undefined);
    const before = cotangents.get(x);
    cotangents.set(x, before ? add(before, own) : own);
  });
}

/**
 * Undoes broadcasting: sums a cotangent over the axes along which an input was repeated.
 * `full` is the shape that the cotangent stands for; an axis where it has 1 instead counts as equal values.
 */
function sumTo(g: Value, shape: Shape, full: Shape = g.shape): Value {
  const rank = full.length;
  const at = (s: Shape, i: number) => s[i - rank + s.length] ?? 1;
  const axes: number[] = [];
  let times = 1;
  const aligned =
    g.rank === rank
      ? g
      : reshape(
          g,
          full.map((_, i) => at(g.shape, i)),
        );
  full.forEach((d, i) => {
    // Without a broadcast, a 1 of the cotangent is a lazy one and stays.
    if (at(shape, i) === d || d === 1) return;
    if (aligned.shape[i] === d) axes.push(i);
    else times *= known(d);
  });
  const summed = reduceSum(aligned, axes);
  const scaled = times === 1 ? summed : mul(summed, times);
  return scaled.rank === shape.length ? scaled : reshape(scaled, scaled.shape.slice(rank - shape.length));
}

const known = (d: Dim): number => {
  if (typeof d === 'number') return d;
  throw new GraphError('shape-mismatch', `grad: the size '${d}' has to be known; write it into the input shapes first`);
};

/** The chain of operators from a node up to the loss, for a message. */
function pathTo(node: Node, loss: Value): string {
  const steps: string[] = [];
  const users = new Map<Value, Node>();
  const wanted = new Set<Value>([loss]);
  for (const n of loss.graph.nodes.toReversed()) {
    if (!n.outputs.some((y) => wanted.has(y))) continue;
    for (const x of n.inputs) {
      if (!x) continue;
      wanted.add(x);
      users.set(x, n);
    }
  }
  let at: Node | undefined = node;
  while (at && steps.length < 12) {
    steps.push(at.label ? `${at.op.onnx} (${at.label})` : at.op.onnx);
    at = at.outputs.map((y) => users.get(y)).find((n) => n !== undefined);
  }
  const from = node.inputs.map((x) => x && inputName(x)).find((n) => n);
  return `${from ? `${from} → ` : ''}${steps.join(' → ')} → loss`;
}
