import { Graph, type Node, type Operator, type Value } from '../graph/graph.ts';
import { type Lowering, specOf, type Target } from '../ops/define.ts';
import { inline, keep, rebuild } from './copy.ts';

/** Picks one of the ways that apply to a node; there are at least two. */
export type Choose = (node: Node, candidates: readonly Lowering[]) => number;

const first: Choose = () => 0;

/** The ways to compute a node on a machine, best guess first; empty for operators that have one form only. */
export function candidates(node: Node, target: Target): readonly Lowering[] {
  const ways = specOf(node).lowerings ?? [];
  const applied = { inputs: node.inputs as readonly Value[], attrs: node.attrs, outputs: node.outputs };
  return ways.filter((way) => way.applies(applied, target));
}

/**
 * A graph in which every operator with several forms has one of them, and none of Potstill's own domain is left.
 * Constants inside keep their memory.
 */
export function lower(graph: Graph, target: Target, choose: Choose = first): Graph {
  return lowered(graph, target, choose, undefined);
}

/** `done`: the operator whose lowering made this graph; its own nodes there are in their final form. */
function lowered(graph: Graph, target: Target, choose: Choose, done: Operator | undefined): Graph {
  return rebuild(graph, (node, inputs, into) => {
    const ways = node.op === done ? [] : candidates(node, target);
    if (ways.length === 0) {
      if (node.op.domain === 'potstill' && node.op !== done) {
        throw new Error(`internal: ${node.op.onnx} has no form for the provider '${target.provider}'`);
      }
      return keep(node, inputs, into);
    }
    const way = ways[ways.length === 1 ? 0 : choose(node, ways)]!;
    const part = isolated(node, way, target);
    const simple = lowered(part, target, choose, node.op);
    const given = new Map(simple.inputs.map((v, i) => [v, inputs.filter((x) => x !== undefined)[i]!]));
    return inline(simple, given, into, node.label);
  });
}

/** What a lowering makes of a node, as a graph of its own: inputs in order (absent ones left out), outputs in order. */
export function isolated(node: Node, way: Lowering, target: Target): Graph {
  const part = new Graph();
  const inputs = node.inputs.map((v, i) => v && part.input(`in${i}`, v.type));
  const outputs = way.build(inputs as readonly Value[], node.attrs, target);
  outputs.forEach((y, i) => {
    part.output(`out${i}`, y);
  });
  return part;
}
