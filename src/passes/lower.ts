import { Graph, type Node, type Operator, type Value } from '../graph/graph.ts';
import { type Lowering, specOf, type Target } from '../ops/define.ts';
import { inline, keep, rebuild } from './copy.ts';
import { joinPasses } from './join-passes.ts';
import { keepBlocked, staysBlocked } from './keep-blocked.ts';
import { shareEqual } from './share-equal.ts';

/** Picks one of the ways that apply to a node; there are at least two. */
export type Choose = (node: Node, candidates: readonly Lowering[]) => number;

const first: Choose = () => 0;

/** The ways to compute a node on a machine, best guess first; empty for operators that have one form only. */
export function candidates(node: Node, target: Target): readonly Lowering[] {
  const applied = { inputs: node.inputs as readonly Value[], attrs: node.attrs, outputs: node.outputs };
  return (specOf(node).lowerings ?? []).filter((way) => way.applies(applied, target));
}

/** The ways that are left to choose from: one where a way settles it. */
function open(node: Node, target: Target, inBlocks: boolean): readonly Lowering[] {
  const ways = candidates(node, target).filter((way) => inBlocks || way.settles !== 'in blocks');
  const settled = ways.find((way) => way.settles);
  return settled ? [settled] : ways;
}

/**
 * A graph in which every operator with several forms has one of them, and none of Potstill's own domain is left.
 * Constants inside keep their memory.
 */
export function lower(graph: Graph, target: Target, choose: Choose = first): Graph {
  return tidied(lowered({ graph, blocked: new Set() }, { target, choose }).graph, target);
}

/** Merges what is computed twice, then takes out the changes of layout that meet, and the passes over data that can be joined. */
const tidied = (graph: Graph, { block }: Target): Graph => joinPasses(shareEqual(keepBlocked(shareEqual(graph), block)));

/** A graph, and the values of it that lie in the blocked layout, or would if it were not for a change of layout behind them. */
interface Laid {
  readonly graph: Graph;
  readonly blocked: ReadonlySet<Value>;
}

interface Means {
  readonly target: Target;
  readonly choose: Choose;
  /** The operator whose lowering made the graph; its own nodes there are in their final form. */
  readonly done?: Operator;
}

function lowered({ graph, blocked: before }: Laid, means: Means): Laid {
  const { target, choose, done } = means;
  const blocked = new Set<Value>();
  const made = rebuild(graph, (node, inputs, into) => {
    for (const [i, v] of node.inputs.entries()) if (v && before.has(v)) blocked.add(inputs[i]!);
    const isBlocked = (v: Value | undefined): boolean => v !== undefined && blocked.has(v);
    const ways = node.op === done ? [] : open(node, target, inputs.some(isBlocked));
    if (ways.length === 0) {
      if (node.op.domain === 'potstill' && node.op !== done) {
        throw new Error(`internal: ${node.op.onnx} has no form for the provider '${target.provider}'`);
      }
      const outputs = keep(node, inputs, into);
      if (staysBlocked(node, inputs, isBlocked)) for (const y of outputs) if (y) blocked.add(y);
      return outputs;
    }
    const way = ways[ways.length === 1 ? 0 : choose(node, ways)]!;
    const part = isolated(node, way, target);
    const given = inputs.filter((v) => v !== undefined);
    const inside = new Set(part.inputs.filter((_, i) => isBlocked(given[i])));
    const simple = lowered({ graph: part, blocked: inside }, { ...means, done: node.op });
    const outputs = inline(simple.graph, new Map(simple.graph.inputs.map((v, i) => [v, given[i]!])), into, node.label);
    [...simple.graph.outputs.values()].forEach((y, i) => {
      if (simple.blocked.has(y)) blocked.add(outputs[i]!);
    });
    return outputs;
  });
  return { graph: made, blocked };
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
