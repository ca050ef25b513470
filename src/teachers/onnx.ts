import { Graph, type Value } from '../graph/graph.ts';
import { nearest } from '../graph/nearest.ts';
import { showShape } from '../graph/type.ts';
import type { ImportedModel } from '../models/import.ts';
import { cast, log, max } from '../ops/elementwise.ts';
import { flatten } from '../ops/shape.ts';

export interface TeacherSpec {
  /** Examples in a batch. */
  readonly batch: number;
  /** Input and output of the graph that is made. */
  readonly input: string;
  readonly output: string;
  /** One example of the view, and of what the teacher wants after `preprocess`. */
  readonly example: readonly number[];
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

/** An imported model as a teacher: from the view that all models share to [batch, K] logits. Throws TeacherError, OnnxError. */
export async function teacherGraph(imported: ImportedModel, spec: TeacherSpec): Promise<Graph> {
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
  const graph = new Graph();
  const view = graph.input(spec.input, { dtype: 'float32', shape: [batch, ...spec.example] });
  const x = graph.scoped('preprocess', () => spec.preprocess(view));
  const values = model.instantiate(graph, { [input.name]: cast(x, input.dtype) });
  const raw = cast(values[outputName(model, spec.logits)]!, 'float32');
  const rows = flatten(raw, 1);
  graph.output(spec.output, spec.probabilities ? log(max(rows, smallest)) : rows);
  return graph;
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
