import { addedRows, type NamedAugment } from './augmentations.ts';
import { everyLength, inBuckets, inOrder, type Order } from './buckets.ts';
import { type Dataset, exampleShape, targetSize } from './dataset.ts';
import { random } from './random.ts';

/** A batch of a fixed number of rows; those from `size` on are padding (zeros, index 0). */
export interface Batch {
  epoch: number;
  /** Step within the epoch, from 0. */
  step: number;
  /** Rows that hold examples. */
  size: number;
  /** Tokens in a row, the longest that any example of the batch needs; null where all examples are of one size. */
  length: number | null;
  /** Which example of the set each row is. */
  readonly indices: Uint32Array;
  /** [batchSize, …example]; memory beyond a shorter `length` is not used. */
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
  /** Of texts: the lengths that batches may have, rising, the last one for all. Shuffled batches then hold texts of like length. */
  readonly lengths?: readonly number[];
}

/** The batches of a set: what is in one depends on the seed, the epoch and the step alone. */
export interface BatchPlan {
  readonly batchSize: number;
  /** Batches in an epoch. */
  readonly steps: number;
  /** Tokens in a row of a batch; null where all examples are of one size. */
  lengthAt(epoch: number, step: number): number | null;
  /** Shape of one example in a batch of a length, with what augmentations add. */
  shapeAt(length: number | null): readonly number[];
  /** Memory for one batch; `x` and `target` may be handed over (e.g. shared with a worker), `x` of a length that is known. */
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
  const { example } = dataset;
  const longest = example.layout === 'tokens' ? example.shape[1] : 0;
  const lengths = [...(options.lengths ?? everyLength(longest))];
  if (dataset.length && lengths.at(-1) !== longest) lengths.push(longest);
  const outputs = targetSize(dataset);
  const full = Math.floor(dataset.size / batchSize);
  const whole = dropLast && full > 0;
  const steps = whole ? full : Math.ceil(dataset.size / batchSize);
  let order: Order = { examples: null, lengths: null };
  let orderEpoch = Number.NaN;

  const shuffled = (epoch: number): Order => {
    const draws = random(seed, 'batches/order', epoch);
    if (dataset.length && options.lengths) return inBuckets(dataset, { batchSize, lengths, whole }, draws);
    return inOrder(dataset, batchSize, lengths, draws.permutation(dataset.size));
  };
  const orderOf = (epoch: number): Order => {
    const wanted = shuffle ? epoch : 0;
    if (orderEpoch !== wanted) {
      order = shuffle ? shuffled(epoch) : inOrder(dataset, batchSize, lengths, null);
      orderEpoch = wanted;
    }
    return order;
  };
  const lengthAt: BatchPlan['lengthAt'] = (epoch, step) => orderOf(epoch).lengths?.[step] ?? null;
  const added = addedRows(augment);
  const shapeAt: BatchPlan['shapeAt'] = (length) => exampleShape(example, length, added);
  const widthOf = (length: number | null): number => shapeAt(length).reduce((a, b) => a * b, 1);

  const allocate: BatchPlan['allocate'] = (memory) => {
    const x = memory?.x ?? new Float32Array(batchSize * widthOf(null));
    const target = memory?.target ?? new Float32Array(batchSize * outputs);
    return { epoch: 0, step: 0, size: 0, length: null, indices: new Uint32Array(batchSize), x, target };
  };

  const fill: BatchPlan['fill'] = (batch, epoch, step) => {
    if (!(step >= 0 && step < steps)) throw new Error(`internal: step ${step} of an epoch of ${steps}`);
    const from = step * batchSize;
    const size = Math.min(batchSize, dataset.size - from);
    const { x, target, indices } = batch;
    const { examples } = orderOf(epoch);
    const length = lengthAt(epoch, step);
    const width = widthOf(length);
    if (x.length < batchSize * width || target.length !== batchSize * outputs) {
      throw new Error(
        `internal: memory of ${x.length} and ${target.length} numbers for batches of ${batchSize}x${width} and ${batchSize}x${outputs}`,
      );
    }
    for (let row = 0; row < size; row++) {
      const i = examples ? examples[from + row]! : from + row;
      indices[row] = i;
      dataset.read(i, x, row * width, length ?? undefined);
      if (added > 0) x.fill(0, (row + 1) * width - added * length!, (row + 1) * width);
      dataset.target(i, target, row * outputs);
    }
    x.fill(0, size * width, batchSize * width);
    target.fill(0, size * outputs);
    indices.fill(0, size);
    batch.epoch = epoch;
    batch.step = step;
    batch.size = size;
    batch.length = length;
    for (const { purpose, apply } of augment) apply(batch, random(seed, purpose, stepKey(epoch, step)));
  };

  return {
    batchSize,
    steps,
    lengthAt,
    shapeAt,
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
