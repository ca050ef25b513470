import { sizeOf, type Tensor } from '../../graph/type.ts';
import { encodeRepeated, repeated } from '../../onnx/repeat.ts';
import { DivergedError, StoppedError } from '../../run/error.ts';
import type { HistoryRow, Role } from '../../run/record.ts';
import type { Counters, JobStore, Tensors } from '../../run/store.ts';
import type { TrainContext } from '../../run/train.ts';
import type { StatefulSession } from '../../runtime/port.ts';
import type { UnrolledStep } from './step.ts';

/** Memory for an input in all steps of a call, one after another along the first axis. */
export type Room = (input: string, shape: readonly number[]) => Float32Array;

export interface Unrolled {
  /** Of the training, unique in its part. */
  readonly name: string;
  /** What is trained, for people. */
  readonly model: string;
  readonly seed: number;
  readonly step: UnrolledStep;
  /** Weights that it starts from. */
  readonly start: ReadonlyMap<string, Tensor>;
  readonly steps: number;
  /** Steps in a call of the engine. */
  readonly perCall: number;
  /** Steps between checkpoints. */
  readonly perEpoch: number;
  /** Examples in a step. */
  readonly examples: number;
  /** What is called its loss in messages. */
  readonly term: string;
  /** Writes what steps `first` to `first + count − 1` are fed, but for scalars: a function of the seed and the step. */
  readonly fill: (first: number, count: number, room: Room) => void;
  /** Measures the state after an epoch: the weights of the best are what is left. Without it those of the last. */
  readonly measure?: ((state: Tensors) => Promise<Judged>) | undefined;
}

type Scores = Readonly<Record<string, number>>;

/** How good a state is: by one number, higher being better, and metrics on validation of those who learn, for the history. */
export interface Judged {
  readonly value: number;
  readonly metrics: Readonly<Partial<Record<Role, Scores>>>;
}

export interface Learnt {
  readonly weights: Tensors;
  /** Counted from 1; 0 where nothing was measured. */
  readonly bestEpoch: number;
  readonly bestValue: number;
}

const role: Role = 'distilled';

/** Trains by a step of a graph of its own, which gives its loss as `loss`; stopped and resumed, it comes to the same bytes. */
export async function trainUnrolled(training: Unrolled, context: Omit<TrainContext, 'validate'>): Promise<Learnt> {
  const { runtime, store, lower } = context;
  const { name, step, start } = training;
  const files = store.job(name);
  const finished = await files.finished();
  if (finished) {
    store.settleHistory(finished.result.metricsBytes);
    return { weights: finished.weights, ...finished.result };
  }
  const saved = await files.latest();
  await store.rewindHistory(saved?.counters);
  const state = saved?.state ?? Object.fromEntries([...start, ...step.slots].map(([n, t]) => [n, copied(t)]));
  const session = await runtime.openStateful(
    encodeRepeated(await lower(step.graph), step.links),
    step.links.map(({ input }) => ({ input: repeated.before(input), output: repeated.after(input) })),
    Object.fromEntries(Object.entries(state).map(([n, t]) => [repeated.before(n), t])),
  );
  try {
    return await loop(training, context, { files, saved, session });
  } finally {
    await session.release();
  }
}

interface Opened {
  readonly files: JobStore;
  readonly saved: Awaited<ReturnType<JobStore['latest']>>;
  readonly session: StatefulSession;
}

async function loop(
  training: Unrolled,
  { store, emit, signal, clock }: Omit<TrainContext, 'validate'>,
  { files, saved, session }: Opened,
): Promise<Learnt> {
  const { name, model, seed, step, start, steps, perCall, perEpoch, term, measure } = training;
  const began = clock() - (saved?.seconds ?? 0) * 1000;
  const seconds = (): number => (clock() - began) / 1000;
  let at = saved?.counters.step ?? 0;
  let sum = saved?.counters.sums.loss ?? 0;
  let summed = saved?.counters.summed ?? 0;
  let best: Counters['best'] = saved?.counters.best ?? null;
  let bestWeights: Tensors | null = saved?.best ?? null;
  const read = async (): Promise<Tensors> => {
    const prefix = repeated.before('').length;
    return Object.fromEntries(Object.entries(await session.readState()).map(([n, t]) => [n.slice(prefix), t]));
  };
  const weightsOf = (state: Tensors): Tensors => Object.fromEntries([...start.keys()].map((n) => [n, state[n]!]));
  const checkpoint = async (): Promise<void> =>
    files.save({
      counters: { step: at, epoch: 0, sums: { loss: sum }, summed, best, factors: {}, metricsBytes: store.historyBytes() },
      seconds: seconds(),
      state: await read(),
      best: bestWeights,
    });
  const endEpoch = async (): Promise<void> => {
    const epoch = Math.ceil(at / perEpoch);
    const row = { role, seed, epoch, step: at, split: 'train', total: sum / summed, losses: {} } as const;
    const rows: HistoryRow[] = [{ ...row, learningRate: step.learningRate(at - 1) }];
    [sum, summed] = [0, 0];
    if (measure) {
      const state = await read();
      const measured = await measure(state);
      for (const [whose, metrics] of Object.entries(measured.metrics) as [Role, Scores][]) {
        rows.push({ role: whose, seed, epoch, step: at, split: 'validation', metrics });
      }
      if (best === null || measured.value > best.value)
        [best, bestWeights] = [{ epoch, value: measured.value }, weightsOf(state)];
    }
    await store.appendHistory(rows);
    for (const one of rows) if (one.role === role) emit({ type: 'measured', row: one });
    if (at < steps) await checkpoint();
  };
  emit({
    type: 'job',
    role,
    seed,
    model,
    parameters: [...start.values()].reduce((n, t) => n + t.data.length, 0),
    epochs: Math.ceil(steps / perEpoch),
    steps,
    from: at,
  });
  while (at < steps) {
    if (signal.aborted) {
      await checkpoint();
      throw new StoppedError(store.directory);
    }
    const count = Math.min(perCall, steps - at, perEpoch - (at % perEpoch));
    const outputs = await session.run(feeds(training, at, count));
    const losses = outputs[repeated.all('loss')]!.data as Float32Array;
    const bad = losses.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      throw new DivergedError({ where: name, step: at + bad, term, value: losses[bad]!, checkpoint: await files.latestPath() });
    }
    at += count;
    const total = losses.reduce((a, b) => a + b, 0);
    sum += total;
    summed += count;
    emit({
      type: 'steps',
      role,
      seed,
      epoch: Math.ceil(at / perEpoch),
      step: at,
      examples: count * training.examples,
      total: total / count,
      losses: {},
      learningRate: step.learningRate(at - 1),
    });
    if (at % perEpoch === 0 || at === steps) await endEpoch();
  }
  const weights = bestWeights ?? weightsOf(await read());
  const result = { bestEpoch: best?.epoch ?? 0, bestValue: best?.value ?? 0 };
  await files.finish({ ...result, early: false, seconds: seconds(), metricsBytes: store.historyBytes() }, weights);
  store.settleHistory(store.historyBytes());
  emit({ type: 'trained', role, seed, bestEpoch: best?.epoch ?? Math.ceil(steps / perEpoch), early: false });
  return { weights, ...result };
}

/** What the engine is fed for steps `first` to `first + count − 1`. */
function feeds({ step, fill }: Unrolled, first: number, count: number): Readonly<Record<string, Tensor>> {
  const rooms = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  const room: Room = (input, shape) => {
    const made = { shape: [count, ...shape], data: new Float32Array(count * sizeOf(shape)) };
    rooms.set(input, made);
    return made.data;
  };
  fill(first, count, room);
  for (const { name, at } of step.scalars) {
    const values = room(name, []);
    for (let i = 0; i < count; i++) values[i] = at(first + i);
  }
  return {
    ...Object.fromEntries([...rooms].map(([input, t]) => [repeated.each(input), { dtype: 'float32', ...t } satisfies Tensor])),
    [repeated.times]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) },
  };
}

const copied = (t: Tensor): Tensor => ({ ...t, data: t.data.slice() }) as Tensor;
