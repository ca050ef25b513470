import type { Graph, Value } from '../../graph/graph.ts';
import type { Shape, Tensor } from '../../graph/type.ts';
import type { NamedTensor } from '../../models/named-tensor.ts';
import type { Feeds } from '../../runtime/port.ts';
import type { Files, StudentFile } from '../student-file.ts';

/** How an exported file takes examples, from the view that all models share. */
export interface FileInputs {
  /** Declares the inputs, with open sizes, and makes the view of them. */
  readonly open: (graph: Graph) => Value;
  /** What a batch of the view is fed as. */
  readonly feeds: (view: Tensor) => Feeds;
  /** Whether whoever loads exported files can feed one that has these inputs. */
  readonly takes: (inputs: readonly NamedTensor[]) => boolean;
}

/** One kind of examples: how an exported student takes them, and what its folder and README say. */
export interface Layout {
  /** @param example Shape of one example. */
  readonly inputs: (example: readonly number[]) => FileInputs;
  /** The pipelines of transformers.js that classify them, or each of their words, and that give the output as it is; null where it has none. */
  readonly pipelines: { readonly classes: string; readonly numbers: string; readonly tags?: string } | null;
  /** What `config.json` says besides what is predicted. */
  readonly config: (student: StudentFile) => Readonly<Record<string, unknown>>;
  /** Files beside the model. */
  readonly files: (student: StudentFile) => Files;
  /** An example in words: `pictures of 8 × 8 pixels`. */
  readonly words: (student: StudentFile) => string;
  /** An example as a pipeline takes it, as code. */
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
  takes: (inputs) =>
    inputs.length === 1 && inputs.every((v) => v.name === name && v.dtype === 'float32' && holds(v.shape, shape)),
});

/** Whether what is open in a shape is open in another too, and known sizes fit. */
const holds = (file: Shape, wanted: Shape): boolean =>
  file.length === wanted.length && wanted.every((d, i) => typeof file[i] === 'string' || file[i] === d);

/** The same for a file that has only some of the inputs. */
export const narrowed = ({ open, feeds, takes }: FileInputs, names: readonly string[]): FileInputs => ({
  open,
  feeds: (view) => {
    const all = feeds(view);
    return Object.fromEntries(names.map((name) => [name, all[name]!]));
  },
  takes,
});
