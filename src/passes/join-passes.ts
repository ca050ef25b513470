import type { Graph, Value } from '../graph/graph.ts';
import { neededNodes } from '../graph/needed.ts';
import { keep, rebuild } from './copy.ts';
import { reluIntoConv, sumBeforeInterleave, sumIntoConv } from './joins/blocked.ts';
import type { Join, ReadOnce } from './joins/join.ts';
import { flatScaling, productIntoGemm } from './joins/matrix.ts';
import { scatterIntoSum } from './joins/scatter.ts';

const joins: readonly Join[] = [sumBeforeInterleave, sumIntoConv, reluIntoConv, scatterIntoSum, productIntoGemm, flatScaling];

/** Lets operators do on their way what would be another pass over the data. */
export function joinPasses(graph: Graph): Graph {
  const readers = new Map<Value, number>();
  const count = (v: Value | undefined): void => void (v && readers.set(v, (readers.get(v) ?? 0) + 1));
  for (const node of neededNodes(graph)) node.inputs.forEach(count);
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
