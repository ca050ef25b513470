import { planBatches } from '../data/batches.ts';
import { type Dataset, targetSize } from '../data/dataset.ts';
import { Graph, type Value } from '../graph/graph.ts';
import type { Shape, Tensor } from '../graph/type.ts';
import type { LossOptions } from '../methods/index.ts';
import { classes, type Kinds, values } from '../methods/shorthand.ts';
import { buildModel } from '../models/build.ts';
import type { Model } from '../models/define.ts';
import { encode } from '../onnx/encode.ts';
import { countMacs } from '../passes/macs.ts';
import type { Runtime, Session } from '../runtime/port.ts';
import type { Lower } from './lowering.ts';
import { classificationMetrics, fidelityMetrics, type Matrix, regressionMetrics } from './metrics.ts';
import { viewInput } from './objective.ts';
import type { Tensors } from './store.ts';

export const logitsOutput = 'logits';

export interface ServedModel {
  readonly model: Model;
  readonly weights: Tensors;
  /** The input with its open sizes, the batch first. */
  readonly input: { readonly name: string; readonly shape: Shape };
  /** From the input to what the model wants. */
  readonly preprocess: (x: Value) => Value;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Served {
  readonly bytes: Uint8Array;
  /** Multiply–accumulates of one example. */
  readonly macs: number;
}

/** A trained model as an ONNX file with its weights inside. */
export async function serve({ model, weights, input, preprocess, metadata }: ServedModel, lower: Lower): Promise<Served> {
  const graph = new Graph();
  const x = graph.input(input.name, { dtype: 'float32', shape: input.shape });
  const { logits } = buildModel(model, graph, preprocess(x), { training: false, source: new Map(Object.entries(weights)) });
  graph.output(logitsOutput, logits);
  return {
    bytes: encode(await lower(graph), { name: model.name, ...(metadata && { metadata }) }),
    macs: countMacs(graph).total,
  };
}

export interface AskOptions {
  /** Name of the input; `view` unless told. */
  readonly input?: string;
  /** The batch that the model insists on: the last one is filled up with zeros. */
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
  { input = viewInput, batch: fixed = null, output = logitsOutput }: AskOptions = {},
): Promise<Matrix> {
  const plan = planBatches(dataset, { batchSize: fixed ?? usualBatch });
  const width = plan.allocate().x.length / plan.batchSize;
  const parts: Float32Array[] = [];
  let columns = 0;
  for (const batch of plan.epoch(0)) {
    const rows = fixed ?? batch.size;
    const feed: Tensor = { dtype: 'float32', shape: [rows, ...dataset.example.shape], data: batch.x.slice(0, rows * width) };
    const { data, shape } = (await session.run({ [input]: feed }, [output]))[output]!;
    columns = data.length / shape[0]!;
    parts.push((data as Float32Array).subarray(0, batch.size * columns));
  }
  const data = new Float32Array(dataset.size * columns);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
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
