import { performance } from 'node:perf_hooks';
import { usualLength } from '../data/buckets.ts';
import { type Dataset, exampleShape } from '../data/dataset.ts';
import { random } from '../data/random.ts';
import type { FileInputs } from '../export/layouts/define.ts';
import { arrayOf, type Dim, sizeOf, type Tensor } from '../graph/type.ts';
import type { Feeds, ModelSource, Port, Runtime, Session } from '../runtime/port.ts';
import { MismatchError } from './error.ts';
import type { Cost, Latency } from './record.ts';

/** An input as it was filled for measuring. */
export interface MeasuredInput {
  readonly name: string;
  readonly dtype: string;
  /** Sizes that the model leaves open have their names. */
  readonly shape: readonly Dim[];
}

export interface Timing {
  /** One example, warm. */
  readonly latencyMs: Latency;
  /** `batch`: what was measured; less than asked for where the model insists on another. */
  readonly throughput: { readonly batch: number; readonly examplesPerSecond: number };
  readonly inputs: readonly MeasuredInput[];
  /** Open sizes that nobody gave, other than the batch; 1 was taken. */
  readonly assumed: readonly string[];
}

export interface MeasureOptions {
  /** Examples at once for the throughput. */
  readonly batch?: number;
  /** Sizes that the model leaves open, by name (`sequence`). */
  readonly dims?: Readonly<Record<string, number>>;
  /** Shapes of one example with a batch of 1 in front, by input; before `dims`. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** What is fed, for so many examples; numbers of the right shape unless told. */
  readonly feeds?: (count: number) => Feeds;
  /** Time for each of the two measurements, about. */
  readonly milliseconds?: number;
}

/** What is known of a model without running it. */
export type Counts = Pick<Cost, 'parameters' | 'macs' | 'bytes'>;

/** The batch at which throughput is given in results. */
export const usualBatch = 32;

/**
 * Measures a file on examples of a set as it takes them, over again where the set has fewer, on zeros where it has none; texts as long as
 * most are, or as told (null: the longest).
 */
export function timing(
  set: Dataset,
  inputs: FileInputs,
  length: number | null = usualLength(set),
): Required<Pick<MeasureOptions, 'feeds'>> {
  const fits = Array.from({ length: set.size }, (_, i) => i).filter(
    (i) => (set.length?.(i) ?? 0) <= (length ?? Number.POSITIVE_INFINITY),
  );
  // The longest of those that fit have the least padding.
  const order = set.length ? fits.sort((a, b) => set.length!(b) - set.length!(a) || a - b) : fits;
  return {
    feeds(count) {
      const shape = [count, ...exampleShape(set.example, length)];
      const data = new Float32Array(sizeOf(shape));
      const width = data.length / count;
      for (let i = 0; i < count && order.length > 0; i++)
        set.read(order[i % order.length]!, data, i * width, length ?? undefined);
      return inputs.feeds({ dtype: 'float32', shape, data });
    },
  };
}

/** What a model costs in this engine: its counts, and the times of `measureTimes`. */
export async function measureCost(
  runtime: Runtime,
  model: ModelSource,
  { parameters, macs, bytes }: Counts,
  options: MeasureOptions = {},
): Promise<Cost> {
  const { latencyMs, throughput } = await measureTimes(runtime, model, options);
  return { parameters, macs, bytes, latencyMs, throughput: throughput.examplesPerSecond };
}

/** Latency of one example and throughput of a batch, on made-up input, after a warm-up. */
export async function measureTimes(runtime: Runtime, model: ModelSource, options: MeasureOptions = {}): Promise<Timing> {
  const session = await runtime.open(model);
  try {
    return await timesOf(session, options);
  } finally {
    await session.release();
  }
}

/** As `measureTimes`, for a model that is open already. */
export async function timesOf(session: Session, options: MeasureOptions = {}): Promise<Timing> {
  const { batch = usualBatch, milliseconds = 1000 } = options;
  const feeds = options.feeds ?? ((count: number) => feedsOf(session.inputs, { ...options, batch: count }));
  const one = await repeated(session, feeds(batchOf(session.inputs, 1)), milliseconds);
  const inBatch = batchOf(session.inputs, batch);
  const many = inBatch === 1 ? one : await repeated(session, feeds(inBatch), milliseconds);
  return {
    latencyMs: { p50: quantile(one, 0.5), p95: quantile(one, 0.95) },
    throughput: { batch: inBatch, examplesPerSecond: (1000 * inBatch) / quantile(many, 0.5) },
    inputs: session.inputs,
    assumed: assumed(session.inputs, options),
  };
}

/** Fewer say nothing of a spread; more add nothing. */
const fewest = 7;
const most = 1000;

/** Milliseconds of single runs: after a warm-up of about a fifth of the time, as many as fit into it. */
async function repeated(session: Session, feeds: Feeds, milliseconds: number): Promise<readonly number[]> {
  const start = performance.now();
  let last = await session.time(feeds, 2);
  while (performance.now() - start < milliseconds / 5) last = await session.time(feeds, last.length * 2);
  const each = Math.max(quantile(last, 0.5), 1e-3);
  return session.time(feeds, Math.min(most, Math.max(fewest, Math.round(milliseconds / each))));
}

/** The value below which the share `q` of numbers lies (nearest rank). */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}

/** The batch that all inputs take: the one asked for where their first size is open. */
function batchOf(inputs: readonly Port[], asked: number): number {
  const first = inputs.map((p) => p.shape[0]).find((d) => d !== undefined);
  return typeof first === 'number' ? first : asked;
}

/** Open sizes that nothing was said about. */
export const assumed = (inputs: readonly Port[], { dims = {}, shapes = {} }: MeasureOptions): readonly string[] => [
  ...new Set(
    inputs.flatMap(({ name, shape }) =>
      shapes[name] ? [] : shape.slice(1).filter((d): d is string => typeof d === 'string' && dims[d] === undefined),
    ),
  ),
];

/** Made-up input of every kind that a model takes: noise, or ones where numbers are indices or masks. */
export function feedsOf(inputs: readonly Port[], { batch = 1, dims = {}, shapes = {} }: MeasureOptions): Feeds {
  return Object.fromEntries(
    inputs.map(({ name, dtype, shape }) => {
      if (dtype === 'string') {
        throw new MismatchError(`input '${name}': found text; expected numbers; models that take text cannot be measured`);
      }
      const settled = shape.map((d, axis) => {
        if (typeof d === 'number') return d;
        return axis === 0 ? batch : (shapes[name]?.[axis] ?? dims[d] ?? 1);
      });
      return [name, filled(name, dtype, settled)];
    }),
  );
}

function filled(name: string, dtype: Tensor['dtype'], shape: readonly number[]): Tensor {
  const data = new (arrayOf(dtype))(sizeOf(shape));
  const put = fillings[dtype] ?? ((into) => into.fill(1));
  put(data as Float32Array, name);
  return { dtype, shape, data };
}

const noise = (into: Float32Array, name: string): void => {
  const draws = random(0, `measure/${name}`);
  for (let i = 0; i < into.length; i++) into[i] = draws.normal();
};
/** float16 and bfloat16 as bits. */
const bits = (one: number) => (into: Float32Array) => into.fill(one);
const big = (into: Float32Array): void => void (into as unknown as BigInt64Array).fill(1n);

const fillings: Readonly<Partial<Record<Tensor['dtype'], (into: Float32Array, name: string) => void>>> = {
  float32: noise,
  float64: noise,
  float16: bits(0x3c00),
  bfloat16: bits(0x3f80),
  int64: big,
  uint64: big,
};
