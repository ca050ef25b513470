import type { Dataset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import { encodeRepeated, repeated } from '../../onnx/repeat.ts';
import type { Tensors } from '../../run/store.ts';
import type { TrainContext } from '../../run/train.ts';
import type { StatefulSession, StateLink } from '../../runtime/port.ts';
import { type Engine, stateOf } from '../unrolled/engine.ts';
import { inCalls, type Learning, learningFeeds, type Making, makingFeeds } from './round-feeds.ts';
import { drawn, type Sample, type Sampler } from './sampler.ts';
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
  readonly synthesis: Making | null;
  /** Null where the student learns afterwards. */
  readonly student: Learning | null;
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

/** Tensors of the rounds at their start: what is learnt, by the names of the graphs. */
export function startOf({ seed, synthesis, student }: Pick<Rounds, 'seed' | 'synthesis' | 'student'>): {
  readonly weights: Tensors;
  readonly slots: Tensors;
} {
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
  const { seed, synthesis, student, memory, held, sampler } = rounds;
  const sessions: StatefulSession[] = [];
  const before = prefixed(state);
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
  const write = async (tensors: readonly Named[]): Promise<void> => {
    if (tensors.length > 0) await sessions[0]!.writeState(prefixed(Object.fromEntries(tensors)));
  };
  const make = synthesis && inCalls(making!, clock, makingFeeds(synthesis, seed));
  const learn = student && inCalls(learning!, clock, learningFeeds(student, rounds));
  const synthesise = async (round: number): Promise<number> => {
    const { step, steps } = synthesis!;
    await write(begun(step, seed, round, step.restarted.some(({ how }) => how.learnt) ? await read() : {}));
    const loss = await make!(round * steps, steps);
    const learnt = step.restarted.filter(({ how }) => how.learnt);
    if (learnt.length > 0) await write(followed(learnt, await read()));
    return loss;
  };
  const round = async (at: number): Promise<number> => {
    const made = make ? await synthesise(at) : 0;
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

type Named = readonly [name: string, tensor: Tensor];

const prefixed = (state: Tensors): Tensors =>
  Object.fromEntries(Object.entries(state).map(([name, t]) => [repeated.before(name), t]));

/** What starts anew in a round, with what the optimizer knows of it. @param now The state, where something starts from what was learnt. */
function begun({ restarted, restarts, perRound }: SynthesisStep, seed: number, round: number, now: Tensors): readonly Named[] {
  const anew = restarted.map(({ name, shape, init, how }): Named => {
    if (how.learnt) return [name, now[learntName(name)]!];
    const data = new Float32Array(sizeOf(shape));
    init(data, random(seed, `round/${name}`, round));
    return [name, { dtype: 'float32', shape, data }];
  });
  const slots = restarts.map(({ name, start }): Named => [name, start]);
  return [...anew, ...slots, ...perRound.map((d): Named => [d.name, drawn(d, seed, 'round', round)])];
}

/** Learnt starts, moved towards where a round came to. */
const followed = (learnt: SynthesisStep['restarted'], now: Tensors): readonly Named[] =>
  learnt.map(({ name, shape, how }) => {
    const [from, to] = [now[learntName(name)]!.data as Float32Array, now[name]!.data as Float32Array];
    return [learntName(name), { dtype: 'float32', shape, data: from.map((v, i) => v + how.learnt!.rate * (to[i]! - v)) }];
  });
