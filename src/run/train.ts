import { type BatchPlan, planBatches } from '../data/batches.ts';
import { bucketLengths } from '../data/buckets.ts';
import { type Dataset, targetSize } from '../data/dataset.ts';
import { random } from '../data/random.ts';
import { encodeRepeated, repeated } from '../onnx/repeat.ts';
import type { Fetched, Runtime, StatefulSession } from '../runtime/port.ts';
import { type Balance, openBalance } from './balance.ts';
import { type Chunk, chunkWriter, lossesOf } from './chunk.ts';
import { DivergedError, StoppedError } from './error.ts';
import type { Emit } from './events.ts';
import type { Job, Stage } from './job.ts';
import type { Lower } from './lowering.ts';
import type { HistoryRow } from './record.ts';
import { memo, specsOf } from './specs.ts';
import { buildStep, initialState, type Step } from './step.ts';
import type { Counters, JobStore, RunStore, Tensors } from './store.ts';

const onlyStage: Stage = { name: '', passesOn: false, from: null, epochs: 0, steps: 0 };

/** What every training of a run shares. */
export interface TrainContext {
  readonly runtime: Runtime;
  readonly store: RunStore;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly lower: Lower;
  readonly train: Dataset;
  /** Metrics of weights on the validation split; null where there is none. */
  readonly validate: ((job: Job, weights: Tensors) => Promise<Readonly<Record<string, number>>>) | null;
  readonly headline: { readonly name: string; readonly higherIsBetter: boolean };
  /** Milliseconds since some moment. */
  readonly clock: () => number;
  /** Milliseconds between two checkpoints at least; one after every epoch unless told. What an interruption loses is done again. */
  readonly checkpointEvery?: number;
}

export interface Trained {
  readonly weights: Tensors;
  /** Counted from 1. */
  readonly bestEpoch: number;
  /** The headline metric on validation at that epoch; 0 where nothing was validated. */
  readonly bestValue: number;
  readonly seconds: number;
}

/** A call of the engine should last about this long: short enough to stop at once, long enough that its own cost does not show. */
const callMilliseconds = 200;
const mostStepsPerCall = 32;

/** Trains from the start or from the last checkpoint to the end; what it leaves does not depend on how often it was interrupted. */
export async function train(job: Job, context: TrainContext): Promise<Trained> {
  const { store, emit, runtime, lower } = context;
  const stage = job.stage ?? onlyStage;
  const files = store.job(`${job.role}-${job.seed}${stage.name && `-${stage.name}`}`);
  const before = await files.finished();
  if (before) {
    store.settleHistory(before.result.metricsBytes);
    return { weights: before.weights, ...before.result };
  }

  const { epochs, batchSize } = job.training;
  const set = context.train;
  const lengths = set.length ? bucketLengths(set, job.training.buckets) : [null];
  const plan = planBatches(set, {
    batchSize,
    seed: job.seed,
    shuffle: true,
    dropLast: true,
    augment: job.augment,
    ...(set.length && { lengths: lengths as readonly number[] }),
  });
  const specAt = await specsOf(job, set, plan, lengths);
  const saved = await files.latest();
  const balance = openBalance({
    objective: job.objective,
    balanced: job.balance ?? false,
    steps: epochs * plan.steps,
    stepsPerEpoch: plan.steps,
    specAt,
    frozen: () => step.frozen,
    runtime,
    lower,
    looks: job.role === 'distilled',
    saved: saved?.counters.factors,
  });
  const stepAt = memo((length: number | null) =>
    buildStep({ ...specAt(length), optimizer: job.training.optimizer, factorOf: balance.factorOf }),
  );
  const step = stepAt(lengths.at(-1)!);
  await store.rewindHistory(saved?.counters);
  const fresh = (): Tensors => {
    const drawn = initialState(step, (name) => random(job.seed, `init/${name}`, 0));
    return { ...drawn, ...Object.fromEntries(Object.entries(stage.from ?? {}).filter(([name]) => name in drawn)) };
  };
  const write = chunkWriter({
    noiseAt: (length) => stepAt(length).noise,
    step,
    plan,
    targets: targetSize(set),
    teacher: job.teacher,
    seed: job.seed,
  });
  const encodedAt = async (length: number | null) => encodeRepeated(await lower(stepAt(length).graph), step.links);
  // In a function of its own: the engine has the state from then on, and what it started from is not kept.
  const start = async (): Promise<StatefulSession> => {
    const state = saved?.state ?? fresh();
    if (!saved) await balance.look(0, 0, write, state);
    return runtime.openStateful(
      await encodedAt(lengths.at(-1)!),
      step.links.map(({ input }) => ({ input: repeated.before(input), output: repeated.after(input) })),
      Object.fromEntries(Object.entries(state).map(([name, t]) => [repeated.before(name), t])),
    );
  };
  const session = await start();
  // A graph has fixed sizes; those of all lengths work on one state.
  const others = memo(async (length: number | null) => session.beside(await encodedAt(length)));
  const sessionAt = async (length: number | null): Promise<StatefulSession> =>
    length === lengths.at(-1) ? session : others(length);
  const total = epochs * plan.steps;
  emit({
    type: 'job',
    role: job.role,
    seed: job.seed,
    model: job.model.name,
    parameters: step.parameters,
    epochs: stage.epochs + epochs,
    steps: stage.steps + total,
    from: stage.steps + (saved?.counters.step ?? 0),
  });
  try {
    return await loop({ job, stage, context, files, step, session, sessionAt, balance, write, plan, saved });
  } finally {
    await balance.close();
    for (const length of lengths.slice(0, -1)) if (others.has(length)) await (await others(length)).release();
    await session.release();
  }
}

interface Loop {
  readonly job: Job;
  readonly stage: Stage;
  readonly context: TrainContext;
  readonly files: JobStore;
  readonly step: Step;
  readonly session: StatefulSession;
  /** For batches of a length, over the same state. */
  readonly sessionAt: (length: number | null) => Promise<StatefulSession>;
  readonly balance: Balance;
  readonly write: (first: number, count: number) => Promise<Chunk>;
  readonly plan: BatchPlan;
  readonly saved: Awaited<ReturnType<JobStore['latest']>>;
}

async function loop({
  job,
  stage,
  context,
  files,
  step,
  session,
  sessionAt,
  balance,
  write,
  plan,
  saved,
}: Loop): Promise<Trained> {
  const stepsPerEpoch = plan.steps;
  const { store, emit, signal, clock, headline } = context;
  const { epochs, earlyStopping, keep } = job.training;
  const { role, seed } = job;
  const began = clock() - (saved?.seconds ?? 0) * 1000;
  const seconds = (): number => (clock() - began) / 1000;
  const total = epochs * stepsPerEpoch;
  let at = saved?.counters.step ?? 0;
  let sums: Record<string, number> = { ...saved?.counters.sums };
  let summed = saved?.counters.summed ?? 0;
  let best = saved?.counters.best ?? null;
  let bestWeights = saved?.best ?? null;
  let perCall = 1;
  let early = false;
  let kept = clock();

  const checkpoint = async (state: Tensors): Promise<void> => {
    const counters: Counters = {
      step: at,
      epoch: Math.floor(at / stepsPerEpoch),
      sums,
      summed,
      best,
      factors: balance.factors(),
      metricsBytes: store.historyBytes(),
    };
    await files.save({ counters, seconds: seconds(), state, best: bestWeights });
    kept = clock();
  };
  const record = async (rows: readonly HistoryRow[]): Promise<void> => {
    await store.appendHistory(rows);
    for (const row of rows) emit({ type: 'measured', row });
  };
  const endEpoch = async (epoch: number): Promise<void> => {
    const row = { role, seed, epoch: stage.epochs + epoch, step: stage.steps + at } as const;
    const state = await readState(session);
    const gradients = await balance.look(epoch, Math.min(at, total - 1), write, state);
    const rows: HistoryRow[] = [
      {
        ...row,
        split: 'train',
        ...means(Object.entries(sums), summed),
        learningRate: step.learningRate(at - 1),
        ...(gradients && { gradients }),
      },
    ];
    sums = {};
    summed = 0;
    const weights = weightsOf(step, state);
    if (keep?.includes(epoch)) await files.keep(epoch, weights);
    const metrics = await context.validate?.(job, weights);
    const value = metrics?.[headline.name];
    if (metrics) rows.push({ ...row, split: 'validation', metrics });
    // Without a validation split the last epoch counts: the test set never chooses.
    if (
      stage.passesOn ||
      value === undefined ||
      best === null ||
      (headline.higherIsBetter ? value > best.value : value < best.value)
    ) {
      best = { epoch, value: value ?? 0 };
      bestWeights = weights;
    }
    await record(rows);
    early = earlyStopping !== undefined && value !== undefined && epoch - best.epoch >= earlyStopping.patience && epoch < epochs;
    if (epoch < epochs && !early && clock() - kept >= (context.checkpointEvery ?? 0)) await checkpoint(state);
  };

  const lengthOf = (step: number): number | null => plan.lengthAt(Math.floor(step / stepsPerEpoch) + 1, step % stepsPerEpoch);
  /** Steps from one on that can go to the engine together: of one epoch and one length. */
  const room = (from: number): number => {
    const most = Math.min(perCall, stepsPerEpoch - (from % stepsPerEpoch));
    let count = 1;
    while (count < most && lengthOf(from + count) === lengthOf(from)) count++;
    return count;
  };
  let next: Promise<Chunk> | null = null;
  while (at < total && !early) {
    if (signal.aborted) {
      await next;
      await checkpoint(await readState(session));
      throw new StoppedError(store.directory);
    }
    const chunk: Chunk = await (next ?? write(at, room(at)));
    const engine = await sessionAt(chunk.length);
    const start = clock();
    const running = engine.run(chunk.feeds);
    const first = at;
    at += chunk.count;
    // The next chunk is written while the engine works on this one.
    next = at < total && at % stepsPerEpoch !== 0 ? write(at, room(at)) : null;
    const losses = lossesOf(await running);
    chunk.reclaim();
    const took = (clock() - start) / chunk.count;
    perCall = Math.max(1, Math.min(mostStepsPerCall, Math.floor(callMilliseconds / Math.max(took, 0.01))));
    await refuseNaN(losses, first, job, files);
    for (const [name, values] of losses) sums[name] = values.reduce((s, v) => s + v, sums[name] ?? 0);
    summed += chunk.count;
    const inCall = [...losses].map(([name, values]) => [name, values.reduce((s, v) => s + v, 0)] as const);
    const epoch = Math.ceil(at / stepsPerEpoch);
    emit({
      type: 'steps',
      role,
      seed,
      epoch: stage.epochs + epoch,
      step: stage.steps + at,
      examples: chunk.count * job.training.batchSize,
      ...means(inCall, chunk.count),
      learningRate: step.learningRate(at - 1),
    });
    if (at % stepsPerEpoch === 0) await endEpoch(epoch);
  }
  const result = {
    bestEpoch: stage.epochs + best!.epoch,
    bestValue: best!.value,
    early,
    seconds: seconds(),
    metricsBytes: store.historyBytes(),
  };
  await files.finish(result, bestWeights!);
  store.settleHistory(result.metricsBytes);
  emit({ type: 'trained', role, seed, bestEpoch: result.bestEpoch, early });
  return { weights: bestWeights!, ...result };
}

/** Means of summed outputs: `loss` is what was minimised, `loss.kd` the term `kd`, `show.kd.temperature` what it shows beside. */
function means(sums: readonly (readonly [string, number])[], steps: number) {
  const all = sums.map(([name, sum]) => [name, sum / steps] as const);
  const under = (prefix: string): Record<string, number> =>
    Object.fromEntries(all.flatMap(([name, v]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), v]] : [])));
  const shows = under('show.');
  return {
    total: Object.fromEntries(all).loss!,
    losses: under('loss.'),
    ...(Object.keys(shows).length > 0 && { shows }),
  };
}

const readState = async (session: StatefulSession): Promise<Fetched> => {
  const prefix = repeated.before('');
  return Object.fromEntries(Object.entries(await session.readState()).map(([name, t]) => [name.slice(prefix.length), t]));
};

/** The tensors to evaluate and export, by the model's own names. */
const weightsOf = (step: Step, state: Fetched): Tensors =>
  Object.fromEntries([...step.weights].map(([name, at]) => [name, state[at]!]));

async function refuseNaN(losses: ReadonlyMap<string, Float32Array>, first: number, job: Job, files: JobStore): Promise<void> {
  // The terms are looked at before their sum, so that the message names the one to blame.
  const byTerm = [...losses].sort(([a], [b]) => Number(a === 'loss') - Number(b === 'loss'));
  for (let i = 0; i < byTerm[0]![1].length; i++) {
    for (const [name, values] of byTerm) {
      if (Number.isFinite(values[i])) continue;
      throw new DivergedError({
        where: `${job.role} (seed ${job.seed})`,
        step: first + i,
        term: name.replace(/^(loss|show)\./, ''),
        value: values[i]!,
        checkpoint: await files.latestPath(),
      });
    }
  }
}
