import type { Tensor } from '../../graph/type.ts';
import { DivergedError, StoppedError } from '../../run/error.ts';
import type { HistoryRow, Role } from '../../run/record.ts';
import type { Counters, JobStore, Tensors } from '../../run/store.ts';
import type { TrainContext } from '../../run/train.ts';
import type { Engine } from './engine.ts';

export interface Unrolled {
  /** Of the training, unique in its part. */
  readonly name: string;
  /** What is trained, for people. */
  readonly model: string;
  readonly seed: number;
  /** Trained numbers of the model; those of `start` unless told. */
  readonly parameters?: number;
  /** Weights that it starts from: what is left of its state at the end. */
  readonly start: ReadonlyMap<string, Tensor>;
  /** State beside the weights, at its start. */
  readonly slots: ReadonlyMap<string, Tensor>;
  readonly steps: number;
  /** Steps in a call of the engine. */
  readonly perCall: number;
  /** Steps between checkpoints. */
  readonly perEpoch: number;
  /** Examples in a step. */
  readonly examples: number;
  /** What is called its loss in messages. */
  readonly term: string;
  readonly learningRate: (step: number) => number;
  /** Begins at a state. @param from The step that comes first. */
  readonly open: (state: Tensors, from: number) => Promise<Engine>;
  /** Measures the state after an epoch: the weights of the best are what is left. Without it those of the last. */
  readonly measure?: ((state: Tensors, epoch: number) => Promise<Judged>) | undefined;
}

type Scores = Readonly<Record<string, number>>;

/** How good a state is: by one number, higher being better, and metrics on validation of those who learn, for the history. */
export interface Judged {
  /** Null where nothing may choose: the last state counts. */
  readonly value: number | null;
  readonly metrics: Readonly<Partial<Record<Role, Scores>>>;
}

export interface Learnt {
  readonly weights: Tensors;
  /** Counted from 1; 0 where nothing was measured. */
  readonly bestEpoch: number;
  readonly bestValue: number;
  /** Of all sittings together. */
  readonly seconds: number;
}

const role: Role = 'distilled';

/** Trains by a step of a graph of its own, which gives its loss as `loss`; stopped and resumed, it comes to the same bytes. */
export async function trainUnrolled(training: Unrolled, context: Omit<TrainContext, 'validate'>): Promise<Learnt> {
  const { store } = context;
  const { name, start, slots } = training;
  const files = store.job(name);
  const finished = await files.finished();
  if (finished) {
    store.settleHistory(finished.result.metricsBytes);
    return { weights: finished.weights, ...finished.result };
  }
  const saved = await files.latest();
  await store.rewindHistory(saved?.counters);
  const state = saved?.state ?? Object.fromEntries([...start, ...slots].map(([n, t]) => [n, copied(t)]));
  const engine = await training.open(state, saved?.counters.step ?? 0);
  try {
    return await loop(training, context, { files, saved, engine });
  } finally {
    await engine.release();
  }
}

interface Opened {
  readonly files: JobStore;
  readonly saved: Awaited<ReturnType<JobStore['latest']>>;
  readonly engine: Engine;
}

async function loop(
  training: Unrolled,
  { store, emit, signal, clock }: Omit<TrainContext, 'validate'>,
  { files, saved, engine }: Opened,
): Promise<Learnt> {
  const { name, model, seed, start, steps, perCall, perEpoch, term, learningRate, measure } = training;
  const began = clock() - (saved?.seconds ?? 0) * 1000;
  const seconds = (): number => (clock() - began) / 1000;
  let at = saved?.counters.step ?? 0;
  let sum = saved?.counters.sums.loss ?? 0;
  let summed = saved?.counters.summed ?? 0;
  let best: Counters['best'] = saved?.counters.best ?? null;
  let bestWeights: Tensors | null = saved?.best ?? null;
  const weightsOf = (state: Tensors): Tensors => Object.fromEntries([...start.keys()].map((n) => [n, state[n]!]));
  const checkpoint = async (): Promise<void> => {
    await engine.settle?.();
    await files.save({
      counters: { step: at, epoch: 0, sums: { loss: sum }, summed, best, factors: {}, metricsBytes: store.historyBytes() },
      seconds: seconds(),
      state: await engine.read(),
      best: bestWeights,
    });
  };
  const endEpoch = async (): Promise<void> => {
    const epoch = Math.ceil(at / perEpoch);
    const row = { role, seed, epoch, step: at, split: 'train', total: sum / summed, losses: {} } as const;
    const rows: HistoryRow[] = [{ ...row, learningRate: learningRate(at - 1) }];
    [sum, summed] = [0, 0];
    if (measure) {
      const state = await engine.read();
      const measured = await measure(state, epoch);
      for (const [whose, metrics] of Object.entries(measured.metrics) as [Role, Scores][]) {
        rows.push({ role: whose, seed, epoch, step: at, split: 'validation', metrics });
      }
      if (measured.value !== null && (best === null || measured.value > best.value))
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
    parameters: training.parameters ?? [...start.values()].reduce((n, t) => n + t.data.length, 0),
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
    const losses = await engine.run(at, count);
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
      learningRate: learningRate(at - 1),
    });
    if (at % perEpoch === 0 || at === steps) await endEpoch();
  }
  const weights = bestWeights ?? weightsOf(await engine.read());
  const result = { bestEpoch: best?.epoch ?? 0, bestValue: best?.value ?? 0 };
  const spent = seconds();
  await files.finish({ ...result, early: false, seconds: spent, metricsBytes: store.historyBytes() }, weights);
  store.settleHistory(store.historyBytes());
  emit({ type: 'trained', role, seed, bestEpoch: best?.epoch ?? Math.ceil(steps / perEpoch), early: false });
  return { weights, ...result, seconds: spent };
}

const copied = (t: Tensor): Tensor => ({ ...t, data: t.data.slice() }) as Tensor;
