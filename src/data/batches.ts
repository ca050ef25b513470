import type { NamedAugment } from './augmentations.ts';
import { type Dataset, exampleSize, targetSize } from './dataset.ts';
import { random } from './random.ts';

/** A batch of a fixed number of rows; those from `size` on are padding (zeros, index 0). */
export interface Batch {
  epoch: number;
  /** Step within the epoch, from 0. */
  step: number;
  /** Rows that hold examples. */
  size: number;
  /** Which example of the set each row is. */
  readonly indices: Uint32Array;
  /** [batchSize, …example] */
  readonly x: Float32Array;
  /** [batchSize, targetSize]: one-hot or mixed classes (a row of zeros: unlabelled), or standardised values. */
  readonly target: Float32Array;
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly seed?: number;
  /** Default false: the order of the set. */
  readonly shuffle?: boolean;
  /** Leave out the last batch where it is not full (never the only one); default false. */
  readonly dropLast?: boolean;
  readonly augment?: readonly NamedAugment[];
}

/** The batches of a set: what is in one depends on the seed, the epoch and the step alone. */
export interface BatchPlan {
  readonly batchSize: number;
  /** Batches in an epoch. */
  readonly steps: number;
  /** Memory for one batch; `x` and `target` may be handed over (e.g. shared with a worker). */
  allocate(memory?: { readonly x: Float32Array; readonly target: Float32Array }): Batch;
  /** Writes a batch into recycled memory. */
  fill(batch: Batch, epoch: number, step: number): void;
  /** The batches of an epoch from a step on, each in the memory of the one before, or in `memory` by turns. */
  epoch(epoch: number, from?: number, memory?: readonly Batch[]): Generator<Batch, void, undefined>;
}

/** A number for the generator that differs for every step of every epoch. */
const stepKey = (epoch: number, step: number): number => epoch * 4294967296 + step;

export function planBatches(dataset: Dataset, options: BatchOptions): BatchPlan {
  const { batchSize, seed = 0, shuffle = false, dropLast = false, augment = [] } = options;
  const width = exampleSize(dataset);
  const outputs = targetSize(dataset);
  const full = Math.floor(dataset.size / batchSize);
  const steps = dropLast && full > 0 ? full : Math.ceil(dataset.size / batchSize);
  let order: Uint32Array | null = null;
  let orderEpoch = Number.NaN;

  const orderOf = (epoch: number): Uint32Array | null => {
    if (shuffle && orderEpoch !== epoch) {
      order = random(seed, 'batches/order', epoch).permutation(dataset.size);
      orderEpoch = epoch;
    }
    return order;
  };

  const allocate: BatchPlan['allocate'] = (memory) => {
    const x = memory?.x ?? new Float32Array(batchSize * width);
    const target = memory?.target ?? new Float32Array(batchSize * outputs);
    if (x.length !== batchSize * width || target.length !== batchSize * outputs) {
      throw new Error(
        `internal: memory of ${x.length} and ${target.length} numbers for batches of ${batchSize}x${width} and ${batchSize}x${outputs}`,
      );
    }
    return { epoch: 0, step: 0, size: 0, indices: new Uint32Array(batchSize), x, target };
  };

  const fill: BatchPlan['fill'] = (batch, epoch, step) => {
    if (!(step >= 0 && step < steps)) throw new Error(`internal: step ${step} of an epoch of ${steps}`);
    const from = step * batchSize;
    const size = Math.min(batchSize, dataset.size - from);
    const { x, target, indices } = batch;
    const order = orderOf(epoch);
    for (let row = 0; row < size; row++) {
      const i = order ? order[from + row]! : from + row;
      indices[row] = i;
      dataset.read(i, x, row * width);
      dataset.target(i, target, row * outputs);
    }
    x.fill(0, size * width);
    target.fill(0, size * outputs);
    indices.fill(0, size);
    batch.epoch = epoch;
    batch.step = step;
    batch.size = size;
    for (const { purpose, apply } of augment) apply(batch, random(seed, purpose, stepKey(epoch, step)));
  };

  return {
    batchSize,
    steps,
    allocate,
    fill,
    *epoch(epoch, from = 0, memory = [allocate()]) {
      for (let step = from; step < steps; step++) {
        const batch = memory[step % memory.length]!;
        fill(batch, epoch, step);
        yield batch;
      }
    },
  };
}
