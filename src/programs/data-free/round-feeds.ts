import type { NamedAugment } from '../../data/augmentations.ts';
import type { Dataset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { noiseArrays } from '../../models/context.ts';
import { repeated } from '../../onnx/repeat.ts';
import { indicesInput } from '../../run/extras.ts';
import { viewInput } from '../../run/objective.ts';
import type { Feeds, Session } from '../../runtime/port.ts';
import type { Drawn } from './host.ts';
import type { BatchSource, StudentStep } from './student-step.ts';
import type { SynthesisStep } from './synthesis-step.ts';

/** The synthesiser's part of a round. */
export interface Making {
  readonly step: SynthesisStep;
  /** Of a round. */
  readonly steps: number;
}

/** The student's. */
export interface Learning {
  readonly step: StudentStep;
  readonly steps: number;
  readonly from: BatchSource;
  /** What is done to examples of the memory. */
  readonly augment: readonly NamedAugment[];
}

/** What batches are made of, and where they come from if from a memory. */
interface Batches {
  readonly seed: number;
  readonly batchSize: number;
  readonly example: readonly number[];
  readonly memory: { dataset(): Dataset } | null;
}

/** What steps `first` to `first + count − 1` are fed. */
type FeedsOf = (first: number, count: number) => Feeds;

/** A call of the engine should last about this long. */
const callMilliseconds = 200;
const mostPerCall = 32;

/**
 * Runs steps in so many calls that each is short, whatever that is: what comes of them is the same.
 * @returns the mean loss of steps `first` to `first + steps − 1`.
 */
export function inCalls(
  session: Session,
  clock: () => number,
  feedsOf: FeedsOf,
): (first: number, steps: number) => Promise<number> {
  let perCall = 1;
  return async (first, steps) => {
    let sum = 0;
    for (let done = 0; done < steps; ) {
      const count = Math.min(perCall, steps - done);
      const started = clock();
      const outputs = await session.run(feedsOf(first + done, count), [repeated.all('loss')]);
      const each = (clock() - started) / count;
      perCall = Math.max(1, Math.min(mostPerCall, Math.floor(callMilliseconds / Math.max(each, 0.01))));
      sum = (outputs[repeated.all('loss')]!.data as Float32Array).reduce((a, b) => a + b, sum);
      done += count;
    }
    return sum / Math.max(1, steps);
  };
}

/** What a synthesiser is fed: fresh numbers, and the scalars of the whole and of the round. */
export const makingFeeds =
  ({ step, steps }: Making, seed: number): FeedsOf =>
  (first, count) => ({
    ...times(count),
    ...stacked(step.perStep, seed, 'make', first, count),
    ...scalars(step.scalars, first, count),
    ...scalars(step.roundScalars, first % steps, count),
  });

/** What a student is fed: what making its batch draws, or a batch out of the memory, and what its losses and layers want. */
export const learningFeeds =
  ({ step: { step, drawn }, from, augment }: Learning, { seed, memory, batchSize, example }: Batches): FeedsOf =>
  (first, count) => ({
    ...times(count),
    ...stacked(drawn, seed, 'learn', first, count),
    ...scalars(step.scalars, first, count),
    ...Object.fromEntries(
      step.noise.map(({ name, shape, dtype, fill }) => {
        const size = sizeOf(shape);
        const data = new noiseArrays[dtype](count * size);
        for (let i = 0; i < count; i++) fill(data.subarray(i * size, (i + 1) * size), random(seed, name, first + i));
        return [repeated.each(name), { dtype, shape: [count, ...shape], data } as Tensor];
      }),
    ),
    ...(step.indices && {
      [repeated.each(indicesInput)]: {
        dtype: 'int64',
        shape: [count, batchSize],
        data: BigInt64Array.from({ length: count * batchSize }, (_, i) => BigInt(i % batchSize)),
      } satisfies Tensor,
    }),
    ...(from === 'memory' && outOf(memory!, augment, { seed, batchSize, example }, first, count)),
  });

const times = (count: number): Feeds => ({
  [repeated.times]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) },
});

/** Fresh numbers of steps in a row, along a first axis. */
const stacked = (all: readonly Drawn[], seed: number, purpose: string, first: number, count: number): Feeds =>
  Object.fromEntries(
    all.map(({ name, shape, fill }) => {
      const size = sizeOf(shape);
      const data = new Float32Array(count * size);
      for (let i = 0; i < count; i++)
        fill(data.subarray(i * size, (i + 1) * size), random(seed, `${purpose}/${name}`, first + i));
      return [repeated.each(name), { dtype: 'float32', shape: [count, ...shape], data }];
    }),
  );

const scalars = (
  all: readonly { readonly name: string; readonly at: (step: number) => number }[],
  first: number,
  count: number,
): Feeds =>
  Object.fromEntries(
    all.map(({ name, at }) => [
      repeated.each(name),
      { dtype: 'float32', shape: [count], data: Float32Array.from({ length: count }, (_, i) => at(first + i)) },
    ]),
  );

/** The teacher is asked about what the student sees: there are no targets to change with it. */
const noTarget = new Float32Array(0);

/** Examples of a memory, drawn with repetition and changed. */
function outOf(
  memory: NonNullable<Batches['memory']>,
  augment: readonly NamedAugment[],
  { seed, batchSize, example }: Omit<Batches, 'memory'>,
  first: number,
  count: number,
): Feeds {
  const width = sizeOf(example);
  const known = memory.dataset();
  const data = new Float32Array(count * batchSize * width);
  for (let i = 0; i < count; i++) {
    const draws = random(seed, 'learn/memory', first + i);
    const x = data.subarray(i * batchSize * width, (i + 1) * batchSize * width);
    for (let r = 0; r < batchSize; r++) known.read(draws.integer(known.size), x, r * width);
    const view = { x, target: noTarget, size: batchSize, length: null };
    for (const { purpose, apply } of augment) apply(view, random(seed, `learn/${purpose}`, first + i));
  }
  return { [repeated.each(viewInput)]: { dtype: 'float32', shape: [count, batchSize, ...example], data } };
}
