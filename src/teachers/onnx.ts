import type { Graph, Value } from '../graph/graph.ts';
import { isFloat, type Shape } from '../graph/type.ts';
import type { ImportedModel } from '../models/import.ts';
import { logitsName } from '../models/logits-name.ts';
import { matchInputs } from '../models/model-inputs.ts';
import { findRoles, type Role } from '../models/roles/find.ts';
import type { TextPart } from '../models/text-inputs.ts';
import { vocabularyOf } from '../models/vocabulary.ts';
import { cast, log, max } from '../ops/elementwise.ts';
import { flatten } from '../ops/shape.ts';

export interface TeacherSpec {
  /**
   * One batch after `preprocess`. Tokens [B, 2, L] are taken apart for the inputs of a text model; of texts B and L may be names: what
   * comes then is for its shapes, and to be run, not for training through it.
   */
  readonly shape: Shape;
  readonly preprocess: (view: Value) => Value;
  /** Tensor with the logits; by default the only output, or the one called logits. */
  readonly logits: string | undefined;
  /** The tensor is a softmax: its logarithm is taken. */
  readonly probabilities: boolean;
  /** What the inputs of a text model are, where their names do not say it. */
  readonly inputs?: Readonly<Record<string, TextPart>>;
}

/** A model that cannot be a teacher for this data. */
export class TeacherError extends Error {
  override readonly name = 'TeacherError';
  readonly fault = 'user';
}

/** Keeps the logarithm of a probability finite. */
const smallest = 1e-12;

/** The model settled for a batch, and where its logits are. */
export interface FittedTeacher {
  readonly logits: string;
  /** Shapes by tensor name and by role (`hidden.3`, `embedding`), the batch first. */
  readonly tensors: ReadonlyMap<string, Shape>;
  /** The tensors behind the roles that its structure shows. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Rows of its table of tokens; undefined for other data. */
  readonly vocabulary: number | undefined;
  /**
   * The teacher as a part of a graph.
   * @param view [batch, …example].
   * @returns float32 values by tensor name or role; `logits` is [batch, K], or [batch, L, K] where each token of a text has its own.
   */
  build(graph: Graph, view: Value): { readonly logits: Value; at(tensor: string): Value };
}

/**
 * Settles an imported model for a batch.
 *
 * @throws ModelError where it does not fit the data, OnnxError where it does not run with these sizes.
 */
export async function fitTeacher(imported: ImportedModel, spec: TeacherSpec): Promise<FittedTeacher> {
  const [batch, ...example] = spec.shape;
  const matched = matchInputs(imported, example, 'teacher', spec.inputs);
  const shapes = matched.shapes(spec.shape);
  const model = await imported.resized(typeof batch === 'number' ? { shapes, batch } : { shapes, open: true });
  const logits = logitsName(model, spec.logits, 'teacher');
  const roles = findRoles(model.graph, logits);
  return {
    logits,
    roles,
    vocabulary: matched.ids === undefined ? undefined : vocabularyOf(model.graph, matched.ids),
    tensors: new Map([
      ...[...roles].map(([role, r]) => [role, r.shape] as const),
      ...[...model.graph.names].flatMap(([name, v]) =>
        isFloat(v.dtype) && v.origin.kind === 'node' ? [[name, v.shape] as const] : [],
      ),
    ]),
    build(graph, view) {
      const x = graph.scoped('preprocess', () => spec.preprocess(view));
      const values = model.instantiate(graph, matched.feeds(model, x));
      const at = (name: string): Value => {
        const role = model.graph.names.has(name) ? undefined : roles.get(name);
        return cast(role ? role.of(values[role.tensor]!) : values[name]!, 'float32');
      };
      const answer = at(logits);
      const rows = matched.text && answer.rank === 3 ? answer : flatten(answer, 1);
      return { logits: spec.probabilities ? log(max(rows, smallest)) : rows, at };
    },
  };
}
