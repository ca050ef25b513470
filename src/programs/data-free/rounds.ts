import type { Dataset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { noiseArrays } from '../../models/context.ts';
import { encodeRepeated, repeated } from '../../onnx/repeat.ts';
import { indicesInput } from '../../run/extras.ts';
import { viewInput } from '../../run/objective.ts';
import type { Tensors } from '../../run/store.ts';
import type { TrainContext } from '../../run/train.ts';
import type { Feeds, StatefulSession, StateLink } from '../../runtime/port.ts';
import { type Engine, stateOf } from '../unrolled/engine.ts';
import type { Drawn } from './host.ts';
import { drawn, type Sample, type Sampler } from './sampler.ts';
import type { StudentStep } from './student-step.ts';
import type { SynthesisStep } from './synthesis-step.ts';

/** Examples that were gathered, as rounds fill and use them. */
export interface Store {
  append(sample: Sample): Promise<void>;
  /** All that are held now. */
  dataset(): Dataset;
}

export interface Rounds {
  readonly seed: number;
  /** Null where there is nothing to learn: noise. */
  readonly synthesis: { readonly step: SynthesisStep; readonly steps: number } | null;
  /** Null where the student learns afterwards. */
  readonly student: { readonly step: StudentStep; readonly steps: number; readonly from: 'fresh' | 'memory' } | null;
  /** Where what a round leaves goes; null where nothing is gathered. */
  readonly memory: Store | null;
  /** Where what later rounds leave goes, from which the student does not learn. */
  readonly held: Store | null;
  /** Rounds for the student; those after them are for `held`. */
  readonly rounds: number;
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly example: readonly number[];
}

/** A call of the engine should last about this long. */
const callMilliseconds = 200;
const mostPerCall = 32;

/** Tensors of the rounds at their start: what is learnt, by the names of the graphs. */
export function startOf({ seed, synthesis, student }: Rounds): { readonly weights: Tensors; readonly slots: Tensors } {
  const made = (
    name: string,
    shape: readonly number[],
    init: (into: Float32Array, draws: never) => void,
    stream = name,
  ): Tensor => {
    const data = new Float32Array(sizeOf(shape));
    init(data, random(seed, `init/${stream}`, 0) as never);
    return { dtype: 'float32', shape, data };
  };
  const step = synthesis?.step;
  const theirs = [...(step?.params ?? []), ...(step?.restarted ?? []), ...(step?.buffers ?? [])].map(
    ({ name, shape, init }) => [name, made(name, shape, init)] as const,
  );
  const learnt = (step?.restarted ?? []).flatMap(({ name, shape, init, how }) =>
    how.learnt ? [[learntName(name), made(name, shape, init)] as const] : [],
  );
  const own = (student?.step.step.state ?? []).map(
    ({ name, shape, init, stream }) => [name, made(name, shape, init, stream)] as const,
  );
  const empty = (step?.perRound ?? []).map(
    ({ name, shape }) => [name, { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) }] as const,
  );
  return {
    weights: Object.fromEntries([...own, ...theirs, ...learnt]) as Tensors,
    slots: Object.fromEntries([
      ...[...(step?.slots ?? []), ...(step?.restarts ?? [])].map(({ name, start }) => [name, start] as const),
      ...empty,
    ]) as Tensors,
  };
}

const learntName = (name: string): string => `${name}.learnt`;

/**
 * Begins rounds at a state. Each is some steps of the synthesiser and then some of the student, in two graphs over one state; all that
 * is drawn is a function of the seed, the round and the step.
 */
export async function openRounds(
  rounds: Rounds,
  state: Tensors,
  { runtime, lower, clock }: Pick<TrainContext, 'runtime' | 'lower' | 'clock'>,
): Promise<Engine> {
  const { seed, synthesis, student, memory, held, sampler, batchSize, example } = rounds;
  const sessions: StatefulSession[] = [];
  const before = Object.fromEntries(Object.entries(state).map(([name, t]) => [repeated.before(name), t]));
  const open = async (
    graph: Parameters<typeof lower>[0],
    links: readonly StateLink[],
    fixed: readonly string[],
  ): Promise<StatefulSession> => {
    const bytes = encodeRepeated(await lower(graph), links, fixed);
    const its = links.map(({ input }) => ({ input: repeated.before(input), output: repeated.after(input) }));
    const [first] = sessions;
    const session = first ? await first.beside(bytes, {}, its) : await runtime.openStateful(bytes, its, before);
    sessions.push(session);
    return session;
  };
  const making = synthesis && (await open(synthesis.step.graph, synthesis.step.links, synthesis.step.fixed));
  const learning = student && (await open(student.step.step.graph, student.step.step.links, student.step.fixed));
  const read = async (): Promise<Tensors> => (sessions[0] ? stateOf(sessions[0]) : state);

  /** So many calls that each is short, whatever that is: what comes of them is the same. */
  const inCalls = (session: StatefulSession, feedsOf: (first: number, count: number) => Feeds) => {
    let perCall = 1;
    return async (first: number, steps: number): Promise<number> => {
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
  };
  const times = (count: number): Feeds => ({
    [repeated.times]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(count)) },
  });
  const stacked = (all: readonly Drawn[], purpose: string, first: number, count: number): Feeds =>
    Object.fromEntries(
      all.map(({ name, shape, fill }) => {
        const size = sizeOf(shape);
        const data = new Float32Array(count * size);
        for (let i = 0; i < count; i++)
          fill(data.subarray(i * size, (i + 1) * size), random(seed, `${purpose}/${name}`, first + i));
        return [repeated.each(name), { dtype: 'float32', shape: [count, ...shape], data }] as const;
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

  const make =
    making &&
    inCalls(making, (first, count) => ({
      ...times(count),
      ...stacked(synthesis!.step.perStep, 'make', first, count),
      ...scalars(synthesis!.step.scalars, first, count),
      ...scalars(synthesis!.step.roundScalars, first % synthesis!.steps, count),
    }));
  const fromMemory = (first: number, count: number): Feeds => {
    const width = sizeOf(example);
    const known = memory!.dataset();
    const data = new Float32Array(count * batchSize * width);
    for (let i = 0; i < count; i++) {
      const draws = random(seed, 'learn/memory', first + i);
      for (let r = 0; r < batchSize; r++) known.read(draws.integer(known.size), data, (i * batchSize + r) * width);
    }
    return { [repeated.each(viewInput)]: { dtype: 'float32', shape: [count, batchSize, ...example], data } };
  };
  const learn =
    learning &&
    inCalls(learning, (first, count) => {
      const { step, drawn: fresh } = student!.step;
      const noise = step.noise.map(({ name, shape, dtype, fill }) => {
        const size = sizeOf(shape);
        const data = new noiseArrays[dtype](count * size);
        for (let i = 0; i < count; i++) fill(data.subarray(i * size, (i + 1) * size), random(seed, name, first + i));
        return [repeated.each(name), { dtype, shape: [count, ...shape], data } as Tensor] as const;
      });
      const places = BigInt64Array.from({ length: count * batchSize }, (_, i) => BigInt(i % batchSize));
      return {
        ...times(count),
        ...stacked(fresh, 'learn', first, count),
        ...scalars(step.scalars, first, count),
        ...Object.fromEntries(noise),
        ...(step.indices && {
          [repeated.each(indicesInput)]: { dtype: 'int64', shape: [count, batchSize], data: places } satisfies Tensor,
        }),
        ...(student!.from === 'memory' && fromMemory(first, count)),
      };
    });

  /** What starts anew does so. */
  const begin = async (round: number): Promise<void> => {
    const { restarted, restarts, perRound } = synthesis!.step;
    if (restarted.length + perRound.length === 0) return;
    const now = restarted.some(({ how }) => how.learnt) ? await read() : {};
    const anew = restarted.map(({ name, shape, init, how }): [string, Tensor] => {
      if (how.learnt) return [name, now[learntName(name)]!];
      const data = new Float32Array(sizeOf(shape));
      init(data, random(seed, `round/${name}`, round));
      return [name, { dtype: 'float32', shape, data }];
    });
    const slots = restarts.map(({ name, start }): [string, Tensor] => [name, start]);
    const given = perRound.map((d): [string, Tensor] => [d.name, drawn(d, seed, 'round', round)]);
    await making!.writeState(Object.fromEntries([...anew, ...slots, ...given].map(([name, t]) => [repeated.before(name), t])));
  };
  /** Learnt starts go towards where a round came to. */
  const end = async (): Promise<void> => {
    const learnt = synthesis!.step.restarted.filter(({ how }) => how.learnt);
    if (learnt.length === 0) return;
    const now = await read();
    const moved = learnt.map(({ name, shape, how }): [string, Tensor] => {
      const [from, to] = [now[learntName(name)]!.data as Float32Array, now[name]!.data as Float32Array];
      return [learntName(name), { dtype: 'float32', shape, data: from.map((v, i) => v + how.learnt!.rate * (to[i]! - v)) }];
    });
    await making!.writeState(Object.fromEntries(moved.map(([name, t]) => [repeated.before(name), t])));
  };

  const round = async (at: number): Promise<number> => {
    let made = 0;
    if (make) {
      await begin(at);
      made = await make(at * synthesis!.steps, synthesis!.steps);
      await end();
    }
    const isHeld = at >= rounds.rounds;
    const into = isHeld ? held : memory;
    if (into) await into.append(await sampler.draw(await read(), { seed, purpose: 'gather', step: at }));
    return learn && !isHeld ? learn(at * student!.steps, student!.steps) : made;
  };
  return {
    async run(first, count) {
      const losses = new Float32Array(count);
      for (let i = 0; i < count; i++) losses[i] = await round(first + i);
      return losses;
    },
    read,
    async release() {
      for (const session of sessions.reverse()) await session.release();
    },
  };
}
