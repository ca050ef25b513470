import { planBatches } from '../data/batches.ts';
import { byLength, usualLength } from '../data/buckets.ts';
import { type Dataset, type ExampleType, exampleShape, subset, targetSize } from '../data/dataset.ts';
import { type FileInputs, oneInput } from '../export/layouts/define.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { sizeOf } from '../graph/type.ts';
import type { LossOptions } from '../methods/index.ts';
import { classes, type Kinds, values } from '../methods/shorthand.ts';
import { buildModel } from '../models/build.ts';
import type { Model } from '../models/define.ts';
import { encode } from '../onnx/encode.ts';
import { countMacs } from '../passes/macs.ts';
import type { Runtime, Session } from '../runtime/port.ts';
import type { Lower } from './lowering.ts';
import { classificationMetrics, fidelityMetrics, type Matrix, regressionMetrics } from './metrics.ts';
import { openShape, viewInput } from './objective.ts';
import type { Tensors } from './store.ts';

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

/** Logits for all examples of a set, in its order. */
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
  let data = new Float32Array(0);
  let columns = 0;
  let at = 0;
  for (const batch of plan.epoch(0)) {
    const rows = fixed ?? batch.size;
    const shape = [rows, ...exampleShape(dataset.example, batch.length)];
    const found = (await session.run(feeds({ dtype: 'float32', shape, data: batch.x.slice(0, sizeOf(shape)) }), [output]))[
      output
    ]!;
    columns = found.data.length / found.shape[0]!;
    if (data.length === 0) data = new Float32Array(dataset.size * columns);
    for (let row = 0; row < batch.size; row++, at++) {
      data.set((found.data as Float32Array).subarray(row * columns, (row + 1) * columns), (order?.[at] ?? at) * columns);
    }
  }
  return { data, rows: dataset.size, width: columns };
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

/** Targets of each example, standardised, row by row. */
export function targetsOf(dataset: Dataset): Float32Array {
  const width = targetSize(dataset);
  const out = new Float32Array(dataset.size * width);
  for (let i = 0; i < dataset.size; i++) dataset.target(i, out, i * width);
  return out;
}

/** What kind of thing is predicted, and everything that follows from it. */
export interface Task {
  readonly name: 'classification' | 'regression';
  /** The metric by which models are chosen and compared. */
  readonly headline: { readonly name: string; readonly higherIsBetter: boolean };
  /** What the short form of an objective mixes. */
  readonly kinds: Kinds;
  /** Options of the loss of a model that has no teacher. */
  hardLoss(smoothing: number): { readonly kind: LossOptions['kind'] };
  /** Metrics of the outputs for a set; `teacher` adds fidelity. */
  metrics(outputs: Matrix, dataset: Dataset, teacher: Matrix | null): Readonly<Record<string, number>>;
}

const classification: Task = {
  name: 'classification',
  headline: { name: 'accuracy', higherIsBetter: true },
  kinds: classes,
  hardLoss: (smoothing) => ({ kind: 'labels', smoothing }),
  metrics: (outputs, dataset, teacher) => ({
    ...classificationMetrics(outputs, labelsOf(dataset)),
    ...(teacher && fidelityMetrics(outputs, teacher)),
  }),
};

const regression: Task = {
  name: 'regression',
  headline: { name: 'rmse', higherIsBetter: false },
  kinds: values,
  hardLoss: () => ({ kind: 'regression' }),
  metrics: (outputs, dataset) => {
    const raw = (m: Float32Array): Float32Array =>
      m.map((v, i) => v * dataset.targets[i % outputs.width]!.std + dataset.targets[i % outputs.width]!.mean);
    return regressionMetrics({ ...outputs, data: raw(outputs.data) }, raw(targetsOf(dataset)));
  },
};

/** The task that a set poses. */
export const taskOf = (dataset: Dataset): Task => (dataset.classes ? classification : regression);
