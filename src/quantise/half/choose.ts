import type { ModelGraph, ModelNode } from '../../onnx/model.ts';
import { reads } from '../../onnx/scope.ts';
import { readersOf } from '../node.ts';
import { type Facts, type Precision, precisionOf } from './operators.ts';

export interface HalfChoice {
  readonly half: ReadonlySet<ModelNode>;
  readonly kept: readonly { readonly node: string; readonly op: string; readonly reason: string }[];
}

/**
 * Decides which nodes compute in half precision. What follows its surroundings stays in single precision where all that it reads is,
 * or where it only prepares what is read so (squares for a mean, positions for sines).
 *
 * @param isSingle Whether a value is float32 in the file.
 */
export function chooseHalf(
  graph: ModelGraph,
  isSingle: (name: string) => boolean,
  stays: (node: ModelNode) => boolean,
): HalfChoice {
  const facts: Facts = { isSingle, isInitializer: (name) => graph.initializers.has(name) };
  const precision = (node: ModelNode): Precision | undefined => (stays(node) ? undefined : precisionOf(node, facts));
  const prepares = preparing(graph, precision);
  const given = new Set([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  const half = new Set<ModelNode>();
  const halved = new Set<string>();
  const kept: { node: string; op: string; reason: string }[] = [];
  for (const node of graph.nodes) {
    const single = reads(node).filter(isSingle);
    if (single.length === 0 && !node.outputs.some(isSingle)) continue;
    const reason = why(node);
    if (reason !== undefined) {
      kept.push({ node: node.name, op: node.op, reason });
      continue;
    }
    half.add(node);
    for (const name of node.outputs) halved.add(name);
  }
  return { half, kept };

  function why(node: ModelNode): string | undefined {
    if (stays(node)) return 'asked for';
    const wanted = precision(node);
    if (!wanted) return 'half precision is too small or too coarse for it';
    if (wanted === 'half') return undefined;
    const made = node.inputs.filter((name) => isSingle(name) && !given.has(name));
    if (made.length > 0 && !made.some((name) => halved.has(name))) return 'what it reads is in single precision';
    return prepares(node) ? 'what reads it is in single precision' : undefined;
  }
}

/** Whether all that reads a node, through nodes that follow, stays in single precision. */
function preparing(graph: ModelGraph, precision: (node: ModelNode) => Precision | undefined): (node: ModelNode) => boolean {
  const readers = readersOf(graph, reads);
  const results = new Set(graph.outputs.map((v) => v.name));
  const known = new Set<ModelNode>();
  for (const node of [...graph.nodes].reverse()) {
    const next = node.outputs.flatMap((name) => readers.get(name) ?? []);
    const single = (n: ModelNode): boolean => precision(n) === undefined || (precision(n) === 'follows' && known.has(n));
    if (next.length > 0 && next.every(single) && !node.outputs.some((name) => results.has(name))) known.add(node);
  }
  return (node) => known.has(node);
}
