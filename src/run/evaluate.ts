import { planBatches } from '../data/batches.ts';
import { byLength, usualLength } from '../data/buckets.ts';
import { type Dataset, type ExampleType, exampleShape, subset } from '../data/dataset.ts';
import { type FileInputs, oneInput } from '../export/layouts/define.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { sizeOf } from '../graph/type.ts';
import { buildModel } from '../models/build.ts';
import type { Model } from '../models/define.ts';
import { encode } from '../onnx/encode.ts';
import { countMacs } from '../passes/macs.ts';
import type { Runtime, Session } from '../runtime/port.ts';
import type { Lower } from './lowering.ts';
import type { Matrix } from './metrics.ts';
import { openShape, viewInput } from './objective.ts';
import type { Tensors } from './store.ts';
import { tagsOf } from './tags.ts';

export const logitsOutput = 'logits';

/** The view itself, as one input. */
export const viewInputs = (example: ExampleType): FileInputs => oneInput(viewInput, ['N', ...openShape(example)]);

export interface ServedModel {
  readonly model: Model;
  readonly weights: Tensors;
  readonly inputs: FileInputs;
  /** From the view to what the model wants. */
  readonly preprocess: (view: Value) => Value;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A trained model as an ONNX file with its weights inside, for any number of examples. */
export async function serve({ model, weights, inputs, preprocess, metadata }: ServedModel, lower: Lower): Promise<Uint8Array> {
  const graph = new Graph();
  const x = preprocess(inputs.open(graph));
  await model.prepare?.(x.shape);
  const { logits } = buildModel(model, graph, x, { training: false, source: new Map(Object.entries(weights)) });
  graph.output(logitsOutput, logits);
  return encode(await lower(graph), { name: model.name, ...(metadata && { metadata }) });
}

/** Multiply–accumulates of one example; texts count with a usual length. */
export async function macsOf(model: Model, preprocess: (view: Value) => Value, dataset: Dataset): Promise<number> {
  const graph = new Graph();
  const shape = [1, ...exampleShape(dataset.example, usualLength(dataset))];
  const x = preprocess(graph.input(viewInput, { dtype: 'float32', shape }));
  await model.prepare?.(x.shape);
  graph.output(logitsOutput, buildModel(model, graph, x, { training: false, source: 'inputs' }).logits);
  return countMacs(graph).total;
}

export interface AskOptions {
  /** How a batch of the view is fed; as the one input `view` unless told. */
  readonly feeds?: FileInputs['feeds'];
  /** The batch that the model insists on: the last one is filled up with zeros, and texts are padded to the longest. */
  readonly batch?: number | null;
  /** Name of the output; `logits` unless told. */
  readonly output?: string;
}

/** Examples at a time where the model takes any number. */
const usualBatch = 256;

/** Logits for all examples of a set, in its order; of data whose words have classes a row for each word. */
export async function outputsOf(
  session: Session,
  dataset: Dataset,
  { feeds = (view) => ({ [viewInput]: view }), batch: fixed = null, output = logitsOutput }: AskOptions = {},
): Promise<Matrix> {
  // Texts of like length together leave less padding to compute.
  const order = byLength(dataset);
  const plan = planBatches(order ? subset(dataset, order) : dataset, {
    batchSize: fixed ?? usualBatch,
    ...(fixed !== null && { lengths: [] }),
  });
  const words = dataset.tagged ? tagsOf(dataset) : null;
  const rows = words?.places.length ?? dataset.size;
  let data = new Float32Array(0);
  let columns = 0;
  let at = 0;
  for (const batch of plan.epoch(0)) {
    const shape = [fixed ?? batch.size, ...exampleShape(dataset.example, batch.length)];
    const found = (await session.run(feeds({ dtype: 'float32', shape, data: batch.x.slice(0, sizeOf(shape)) }), [output]))[
      output
    ]!;
    const each = found.data.length / found.shape[0]!;
    columns = words ? found.shape.at(-1)! : each;
    if (data.length === 0) data = new Float32Array(rows * columns);
    const said = found.data as Float32Array;
    for (let row = 0; row < batch.size; row++, at++) {
      const i = order?.[at] ?? at;
      const [from, to] = words ? [words.starts[i]!, words.starts[i + 1]!] : [i, i + 1];
      for (let r = from; r < to; r++) {
        const first = row * each + (words ? words.places[r]! * columns : 0);
        data.set(said.subarray(first, first + columns), r * columns);
      }
    }
  }
  return { data, rows, width: columns };
}

/** Opens a model, asks it about a whole set, and lets it go. */
export async function ask(runtime: Runtime, model: Uint8Array, dataset: Dataset, options: AskOptions = {}): Promise<Matrix> {
  const session = await runtime.open(model);
  try {
    return await outputsOf(session, dataset, options);
  } finally {
    await session.release();
  }
}

/** Class of each example, −1 where there is none. */
export const labelsOf = (dataset: Dataset): Int32Array => Int32Array.from({ length: dataset.size }, (_, i) => dataset.label(i));
