import type { Graph } from '../graph/graph.ts';
import { neededNodes } from '../graph/needed.ts';
import { specOf } from '../ops/define.ts';

export interface Macs {
  readonly total: number;
  /** By ONNX operator, largest first. */
  readonly byOperator: Readonly<Record<string, number>>;
}

/** Multiply–accumulates of one run of a graph, as its entries count them; elementwise work is not counted. */
export function countMacs(graph: Graph): Macs {
  const sums = new Map<string, number>();
  for (const node of neededNodes(graph)) {
    const macs = specOf(node).macs?.(node) ?? 0;
    if (macs > 0) sums.set(node.op.onnx, (sums.get(node.op.onnx) ?? 0) + macs);
  }
  const sorted = [...sums].sort(([, a], [, b]) => b - a);
  return { total: sorted.reduce((sum, [, n]) => sum + n, 0), byOperator: Object.fromEntries(sorted) };
}
