import type { Graph, Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';
import type { Feeds } from '../../runtime/port.ts';
import type { Files, StudentFile } from '../student-file.ts';

/** How an exported file takes examples, from the view that all models share. */
export interface FileInputs {
  /** Declares the inputs, with open sizes, and makes the view of them. */
  readonly open: (graph: Graph) => Value;
  /** What a batch of the view is fed as. */
  readonly feeds: (view: Tensor) => Feeds;
}

/** One kind of examples: how an exported student takes them, and what its folder and README say. */
export interface Layout {
  /** @param example Shape of one example. */
  readonly inputs: (example: readonly number[]) => FileInputs;
  /** The pipeline of transformers.js that classifies them; null where it has none. */
  readonly pipeline: string | null;
  /** What `config.json` says besides the names of classes. */
  readonly config: (student: StudentFile) => Readonly<Record<string, unknown>>;
  /** Files beside the model. */
  readonly files: (student: StudentFile) => Files;
  /** An example in words: `pictures of 8 × 8 pixels`. */
  readonly words: (student: StudentFile) => string;
  /** Something to classify, as code. */
  readonly sample: string;
  /** Lines of README.md on how to call it with onnxruntime alone. */
  readonly usage: (student: StudentFile) => readonly string[];
}

/** One float input that is the view, or that a view is made of. */
export const oneInput = (
  name: string,
  shape: readonly (string | number)[],
  view: (x: Value) => Value = (x) => x,
): FileInputs => ({
  open: (graph) => view(graph.input(name, { dtype: 'float32', shape })),
  feeds: (x) => ({ [name]: x }),
});
