import { constantOf, type Graph } from '../graph/graph.ts';
import { reachable } from './roles/structure.ts';

/** What may lie between the ids of tokens and the table they are looked up in. */
const renames: ReadonlySet<string> = new Set(['Cast', 'Reshape', 'Identity', 'Transpose']);

/**
 * How many different ids a model for tokens knows: the rows of the table that an input looks up; undefined where it looks nothing up.
 * An id beyond them ends the engine's run in the middle of a training.
 *
 * @param ids Name of the input with the ids.
 */
export function vocabularyOf(graph: Graph, ids: string): number | undefined {
  const input = graph.names.get(ids);
  if (!input) return undefined;
  const asked = reachable(graph, [input], (node) => renames.has(node.op.onnx));
  const rows = graph.nodes.flatMap((node) => {
    const [table, at] = node.inputs;
    const tensor = node.op.onnx === 'Gather' && at && asked.has(at) ? constantOf(table) : undefined;
    return tensor && node.attrs.axis === 0 ? [tensor.shape[0]!] : [];
  });
  return rows.length > 0 ? Math.min(...rows) : undefined;
}
