import type { NamedAugment } from '../../data/augmentations.ts';
import { type Dataset, subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import type { Value } from '../../graph/graph.ts';
import type { ObjectiveOptions } from '../../methods/combine.ts';
import { buffersOf } from '../../models/build.ts';
import type { Model, ModelShape } from '../../models/define.ts';
import type { StudentModelOptions, Training } from '../../recipe/recipe.ts';
import type { Matrix } from '../../run/metrics.ts';
import type { Tensors } from '../../run/store.ts';
import { type TrainContext, train } from '../../run/train.ts';
import type { Disturbance } from './options.ts';
import { bytesOf, disturbedRows, disturbedWeights } from './tensors.ts';

/** What a client is to do in a round: plain JSON, so that it can travel. References name tensors and examples of the place it runs at. */
export interface ClientJob {
  /** Counted from 1. */
  readonly round: number;
  /** Counted from 0. */
  readonly client: number;
  /** Of its training. */
  readonly seed: number;
  readonly model: StudentModelOptions;
  /** What the server sent: the weights to start from. */
  readonly weights: string;
  /** The client's own. */
  readonly examples: string;
  readonly training: Training;
  /** Whether the terms of the objective are scaled to pull equally hard. */
  readonly balance: boolean;
  /** Examples on which logits are sent instead of weights; null: weights are sent. */
  readonly logitsOn: string | null;
  readonly noise: Disturbance | null;
}

/** What comes of a job: plain JSON too. */
export interface ClientUpdate {
  readonly round: number;
  readonly client: number;
  /** What was sent: weights, or `logits` [N, K] alone. */
  readonly weights: string;
  /** The weights that it has; they leave it only where they are what was sent. */
  readonly own: string;
  /** How many it has trained on. */
  readonly examples: number;
  /** Sent. */
  readonly bytes: number;
}

/** Where client jobs run. */
export interface ClientPlace {
  read(reference: string): Promise<Tensors>;
  write(reference: string, tensors: Tensors): Promise<void>;
  examples(reference: string): Dataset;
  model(options: StudentModelOptions): Promise<Model>;
  /** Sizes of the data as models see it. */
  readonly shape: ModelShape;
  readonly preprocess: (view: Value) => Value;
  readonly objective: ObjectiveOptions;
  readonly augment: readonly NamedAugment[];
  /** What trainings share but for their examples. */
  readonly context: TrainContext;
  /** Logits of a model for a set. */
  ask(model: Model, weights: Tensors, set: Dataset): Promise<Matrix>;
}

/** A client that has fewer examples than a batch fills it with copies of all of them, so that each still counts alike. */
export function filled(set: Dataset, batchSize: number): Dataset {
  if (set.size >= batchSize) return set;
  const copies = Math.ceil(batchSize / set.size);
  return subset(
    set,
    Uint32Array.from({ length: copies * set.size }, (_, i) => i % set.size),
  );
}

/** Name of a client's training in the store, its seed and role apart. */
export const stageOf = ({ round, client }: Pick<ClientJob, 'round' | 'client'>): string => `round-${round}-client-${client}`;

/** Trains a client from the weights of the server on examples of its own; what it sends lies where the update says. */
export async function runClientJob(job: ClientJob, place: ClientPlace): Promise<ClientUpdate> {
  const { round, client, seed } = job;
  const model = await place.model(job.model);
  const set = place.examples(job.examples);
  const from = await place.read(job.weights);
  const { weights: own } = await train(
    {
      role: 'scratch',
      seed,
      model,
      input: place.shape.input,
      preprocess: place.preprocess,
      objective: place.objective,
      balance: job.balance,
      training: job.training,
      augment: place.augment,
      teacher: null,
      // Its last epoch counts: a client has nothing to validate on.
      stage: { name: stageOf(job), passesOn: true, from, epochs: 0, steps: 0 },
    },
    { ...place.context, train: filled(set, job.training.batchSize) },
  );
  const sent = job.logitsOn === null ? disturbedModel(job, own, from, model, place) : await logitsOf(job, own, model, place);
  const name = `round-${round}/clients/${client}`;
  await place.write(`${name}-own`, own);
  if (sent !== own) await place.write(`${name}-sent`, sent);
  return {
    round,
    client,
    weights: sent === own ? `${name}-own` : `${name}-sent`,
    own: `${name}-own`,
    examples: set.size,
    bytes: bytesOf(sent),
  };
}

const drawsOf = ({ seed }: ClientJob) => random(seed, 'federated/noise');

function disturbedModel(job: ClientJob, own: Tensors, from: Tensors, model: Model, { shape }: ClientPlace): Tensors {
  return job.noise ? disturbedWeights(own, from, buffersOf(model, shape), job.noise, drawsOf(job)) : own;
}

async function logitsOf(job: ClientJob, own: Tensors, model: Model, place: ClientPlace): Promise<Tensors> {
  const { data, rows, width } = await place.ask(model, own, place.examples(job.logitsOn!));
  const sent = job.noise ? disturbedRows(data, width, job.noise, drawsOf(job)) : data;
  return { logits: { dtype: 'float32', shape: [rows, width], data: sent } };
}
