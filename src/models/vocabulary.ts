import { constantOf, type Graph } from '../graph/graph.ts';
import { ModelError } from './error.ts';
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

/**
 * Ids that a model has no row for would end the engine's run in the middle.
 *
 * @param where The model's role in messages: `student`, `teacher`.
 * @param known Ids that the model knows; @param given Ids that the data has.
 * @throws ModelError `bad-shape` if there are more of them in the data.
 */
export function refuseOtherIds(where: string, source: string, known: number | undefined, given = 0): void {
  if (known === undefined || given <= known) return;
  throw new ModelError(
    'bad-shape',
    `${where}: ${source} knows ids from 0 to ${known - 1}, and the tokenizer of the data gives ids up to ${given - 1}; ` +
      'take the tokenizer that belongs to the model (data.tokenizer)',
  );
}
