import type { BatchPlan } from '../data/batches.ts';
import { random } from '../data/random.ts';
import { sizeOf, type Tensor } from '../graph/type.ts';
import { type Noise, noiseArrays } from '../models/context.ts';
import { repeated } from '../onnx/repeat.ts';
import type { Fetched } from '../runtime/port.ts';
import type { Teacher } from '../teachers/define.ts';
import { indicesInput } from './extras.ts';
import { targetInput, teacherInput, viewInput } from './objective.ts';
import type { Step } from './step.ts';

type Feed = { readonly dtype: Tensor['dtype']; readonly shape: readonly number[]; data: Tensor['data'] };

const int64Feed = (shape: readonly number[], data: BigInt64Array): Feed => ({ dtype: 'int64', shape, data });

/** Everything that `count` steps in a row need, stacked along a first axis: one call of the engine. */
export interface Chunk {
  readonly count: number;
  /** Tokens in a row of all its batches; null where all examples are of one size. */
  readonly length: number | null;
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Takes the memory back; to be called when the engine has returned the feeds. */
  reclaim(): void;
}

export interface ChunkSource {
  /** What the steps of all lengths want to be fed. */
  readonly step: Pick<Step, 'scalars' | 'indices'>;
  /** Inputs of fresh random numbers in a step of a length. */
  readonly noiseAt: (length: number | null) => Step['noise'];
  readonly plan: BatchPlan;
  readonly targets: number;
  readonly teacher: Teacher | null;
  readonly seed: number;
}

/**
 * Fills chunks: batches, what the teacher says of them, the random numbers and the scalars of each step. What is in a chunk is a
 * function of the seed and the steps alone, however the steps are grouped into chunks.
 *
 * @returns `write(first, count)`: `first` is the step of the whole training, from 0; a chunk stays inside of its epoch, and its
 * batches are of one length.
 */
export function chunkWriter({ step, noiseAt, plan, targets, teacher, seed }: ChunkSource) {
  const { batchSize } = plan;
  // Two chunks are alive at a time: one in the engine, one being written.
  const memories = [new Map<string, Noise>(), new Map<string, Noise>()];
  let turn = 0;

  return async (first: number, count: number): Promise<Chunk> => {
    turn = 1 - turn;
    const memory = memories[turn]!;
    const room = <A extends Noise>(name: string, size: number, kind: new (size: number) => A): A => {
      const known = memory.get(name);
      if (known instanceof kind && known.length === size) return known;
      const made = new kind(size);
      memory.set(name, made);
      return made;
    };
    const take = (name: string, size: number): Float32Array => room(name, size, Float32Array);
    const epoch = Math.floor(first / plan.steps) + 1;
    const length = plan.lengthAt(epoch, first % plan.steps);
    const each = plan.shapeAt(length);
    const width = sizeOf(each);
    const view = take(viewInput, count * batchSize * width);
    const target = take(targetInput, count * batchSize * targets);
    const indices = new Uint32Array(count * batchSize);
    for (let i = 0; i < count; i++) {
      const part = (of: Float32Array, size: number) => of.subarray(i * batchSize * size, (i + 1) * batchSize * size);
      const batch = plan.allocate({ x: part(view, width), target: part(target, targets) });
      plan.fill(batch, epoch, (first + i) % plan.steps);
      indices.set(batch.indices, i * batchSize);
    }
    const answer = await teacher?.answer({ view, count: count * batchSize, length, indices });

    const own = new Map<string, Feed>();
    const feed = (name: string, shape: readonly number[], data: Float32Array): void => {
      own.set(name, { dtype: 'float32', shape: [count, ...shape], data });
    };
    feed(viewInput, [batchSize, ...each], answer?.view ?? view);
    feed(targetInput, [batchSize, targets], target);
    for (const { name, shape, dtype, fill } of noiseAt(length)) {
      const size = sizeOf(shape);
      const data = room<Noise>(name, count * size, noiseArrays[dtype]);
      for (let i = 0; i < count; i++) fill(data.subarray(i * size, (i + 1) * size), random(seed, name, first + i));
      own.set(name, { dtype, shape: [count, ...shape], data });
    }
    for (const { name, at } of step.scalars) {
      const data = take(name, count);
      for (let i = 0; i < count; i++) data[i] = at(first + i);
      feed(name, [], data);
    }
    const which = step.indices
      ? {
          [repeated.each(indicesInput)]: int64Feed(
            [count, batchSize],
            BigInt64Array.from(indices, (v) => BigInt(v)),
          ),
        }
      : {};
    const theirs = Object.entries(answer?.tensors ?? {}).map(([name, t]): [string, Feed] => [
      name,
      { dtype: t.dtype, shape: [count, batchSize, ...t.shape.slice(1)], data: t.data },
    ]);
    return {
      count,
      length,
      feeds: {
        ...Object.fromEntries([...own].map(([name, f]) => [repeated.each(name), f])),
        ...Object.fromEntries(theirs.map(([name, f]) => [repeated.each(teacherInput(name)), f])),
        ...which,
        [repeated.times]: int64Feed([], BigInt64Array.of(BigInt(count))),
      },
      reclaim: () => {
        for (const [name, f] of own) memory.set(name, f.data as Noise);
        answer?.reclaim?.(Object.fromEntries(theirs.map(([name, f]) => [name, f.data as Float32Array])));
      },
    };
  };
}

/** The losses of each step of a chunk, by term; `loss` is what was minimised. */
export function lossesOf(outputs: Fetched): ReadonlyMap<string, Float32Array> {
  const prefix = repeated.all('');
  return new Map(Object.entries(outputs).map(([name, t]) => [name.slice(prefix.length), t.data as Float32Array]));
}
