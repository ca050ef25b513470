import type { Graph, Value } from '../graph/graph.ts';
import { nearest } from '../graph/nearest.ts';
import { isFloat, type Shape, showShape } from '../graph/type.ts';
import type { ImportedModel } from '../models/import.ts';
import { cast, log, max } from '../ops/elementwise.ts';
import { flatten } from '../ops/shape.ts';

export interface TeacherSpec {
  /** Examples in a batch. */
  readonly batch: number;
  /** One example of what the teacher wants after `preprocess`. */
  readonly preprocessed: readonly number[];
  readonly preprocess: (view: Value) => Value;
  /** Tensor with the logits; by default the only output, or the one called logits. */
  readonly logits: string | undefined;
  /** The tensor is a softmax: its logarithm is taken. */
  readonly probabilities: boolean;
}

/** A model that cannot be a teacher for this data. */
export class TeacherError extends Error {
  override readonly name = 'TeacherError';
  readonly fault = 'user';
}

/** Keeps the logarithm of a probability finite. */
const smallest = 1e-12;

/** The model settled for a batch, and where its logits are. Throws TeacherError, OnnxError. */
export interface FittedTeacher {
  readonly logits: string;
  /** Shapes by tensor name, the batch first. */
  readonly tensors: ReadonlyMap<string, Shape>;
  /**
   * The teacher as a part of a graph.
   * @param view [batch, …example].
   * @returns float32 values by tensor name; `logits` is [batch, K].
   */
  build(graph: Graph, view: Value): { readonly logits: Value; at(tensor: string): Value };
}

/** Settles an imported model for a batch. Throws TeacherError where it does not fit the data. */
export async function fitTeacher(imported: ImportedModel, spec: TeacherSpec): Promise<FittedTeacher> {
  const { batch, source } = { ...spec, source: imported.source };
  const [input, ...more] = imported.inputs;
  if (!input || more.length > 0) {
    throw new TeacherError(
      `teacher: ${source} has ${imported.inputs.length} inputs (${imported.inputs.map((i) => i.name).join(', ')}); expected one`,
    );
  }
  const wants = input.shape;
  const fits =
    wants.length === spec.preprocessed.length + 1 &&
    wants.slice(1).every((d, i) => typeof d === 'string' || d === spec.preprocessed[i]);
  if (!fits) {
    throw new TeacherError(
      `teacher: ${source} wants ${showShape(wants)} at '${input.name}', and an example is ${showShape(spec.preprocessed)} after teacher.preprocess; ` +
        'resize, repeat or reorder the channels there',
    );
  }
  const model = await imported.resized({ shapes: { [input.name]: [batch, ...spec.preprocessed] }, batch });
  const logits = outputName(model, spec.logits);
  return {
    logits,
    tensors: new Map(
      [...model.graph.names].flatMap(([name, v]) => (isFloat(v.dtype) && v.origin.kind === 'node' ? [[name, v.shape]] : [])),
    ),
    build(graph, view) {
      const x = graph.scoped('preprocess', () => spec.preprocess(view));
      const values = model.instantiate(graph, { [input.name]: cast(x, input.dtype) });
      const at = (name: string): Value => cast(values[name]!, 'float32');
      const rows = flatten(at(logits), 1);
      return { logits: spec.probabilities ? log(max(rows, smallest)) : rows, at };
    },
  };
}

function outputName({ source, outputs, graph }: ImportedModel, asked: string | undefined): string {
  const named = asked ?? (outputs.length === 1 ? outputs[0] : outputs.find((o) => o === 'logits'));
  if (named === undefined) {
    throw new TeacherError(
      `teacher: ${source} has the outputs ${outputs.join(', ')}; say which are the logits with teacher.logits`,
    );
  }
  if (!graph.names.has(named)) {
    throw new TeacherError(
      `teacher.logits: ${source} has no tensor '${named}'; the nearest are ${nearest(named, graph.names.keys()).join(', ')}`,
    );
  }
  return named;
}
