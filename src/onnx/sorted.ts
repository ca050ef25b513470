import { OnnxError } from './error.ts';
import type { ModelGraph, ModelNode } from './model.ts';
import { reads } from './scope.ts';

/**
 * The nodes of a graph, each after what it reads; the order of the file where that is one already.
 *
 * @throws OnnxError for names that nobody makes, names made twice, and cycles.
 */
export function sorted(graph: ModelGraph, source: string): readonly ModelNode[] {
  const names = [graph.inputs, graph.outputs].map((list) => list.map((v) => v.name));
  if (names.some((list) => new Set(list).size !== list.length || list.includes(''))) {
    throw new OnnxError('damaged', `${source}: inputs or outputs without a name, or with the same one`);
  }
  const given = new Set(['', ...names[0]!, ...graph.initializers.keys()]);
  const makers = new Map<string, ModelNode>();
  for (const node of graph.nodes) {
    if (node.outputs.every((name) => name === '')) throw new OnnxError('damaged', `${source}: ${shown(node)} has no output`);
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name) || given.has(name))
        throw new OnnxError('damaged', `${source}: two things are called '${name}'; expected one`);
      makers.set(name, node);
    }
  }
  for (const { name } of graph.outputs) {
    if (!makers.has(name) && !given.has(name)) throw new OnnxError('damaged', `${source}: no node makes the output '${name}'`);
  }

  const order: ModelNode[] = [];
  const state = new Map<ModelNode, 'open' | 'done'>();
  for (const start of graph.nodes) {
    const stack = [start];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      const before = state.get(node) === undefined ? makersOf(node, given, makers, source) : [];
      const waiting = before.filter((n) => state.get(n) !== 'done');
      if (waiting.some((n) => state.get(n) === 'open' || n === node)) {
        throw new OnnxError('damaged', `${source}: ${shown(node)} depends on itself; expected no cycle`);
      }
      if (state.get(node) === undefined && waiting.length > 0) {
        state.set(node, 'open');
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (state.get(node) !== 'done') order.push(node);
      state.set(node, 'done');
    }
  }
  return order;
}

function makersOf(
  node: ModelNode,
  given: ReadonlySet<string>,
  makers: ReadonlyMap<string, ModelNode>,
  source: string,
): readonly ModelNode[] {
  return reads(node).flatMap((name) => {
    const maker = makers.get(name);
    if (!maker && !given.has(name))
      throw new OnnxError('damaged', `${source}: ${shown(node)} reads '${name}', which nothing makes`);
    return maker ?? [];
  });
}

const shown = (node: ModelNode): string => `${node.op} '${node.name || node.outputs[0] || ''}'`;
