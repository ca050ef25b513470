import { grad } from '../autodiff/grad.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Tensor } from '../graph/type.ts';
import { type ObjectiveOptions, termNames } from '../methods/combine.ts';
import type { Progress } from '../methods/define.ts';
import type { LossOptions } from '../methods/index.ts';
import { scheduled } from '../methods/schedules/list.ts';
import { encode } from '../onnx/encode.ts';
import { repeated } from '../onnx/repeat.ts';
import { add, mul, sqrt } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import type { Runtime, Session } from '../runtime/port.ts';
import type { Chunk } from './chunk.ts';
import type { Lower } from './lowering.ts';
import { buildObjective, type ObjectiveSpec } from './objective.ts';
import type { Tensors } from './store.ts';

/** A number for each term: the L2 norm of its gradient with respect to all trained parameters of the student, a factor, a share. */
export type ByTerm = Readonly<Record<string, number>>;

const normOutput = (term: string): string => `norm.${term}`;

/** The graph that measures the norm of each term's gradient, unweighted. */
function probeGraph(spec: ObjectiveSpec, frozen: ReadonlySet<string>): Graph {
  const { graph, student, objective } = buildObjective(spec);
  const trained = student.params.filter((p) => !frozen.has(p.name));
  for (const [term, { value }] of objective.terms) {
    const slopes = grad(
      value,
      trained.map((p) => p.value),
    );
    const squares = slopes.map((g): Value => sum(mul(g, g)));
    graph.output(normOutput(term), sqrt(squares.reduce((x, y) => add(x, y))));
  }
  return graph;
}

/** Runs a probe on one step. @param state Everything that the step carries. */
async function measure(session: Session, chunk: Chunk, state: Tensors): Promise<ByTerm> {
  const given = (name: string): Tensor => {
    const kept = state[name];
    // A feed is moved to the engine: the state is still needed here.
    if (kept) return { ...kept, data: kept.data.slice() };
    const { dtype, shape, data } = chunk.feeds[repeated.each(name)]!;
    return { dtype, shape: shape.slice(1), data: data.slice() };
  };
  const results = await session.run(Object.fromEntries(session.inputs.map(({ name }) => [name, given(name)])));
  return Object.fromEntries(Object.entries(results).map(([name, t]) => [name.slice(normOutput('').length), Number(t.data[0])]));
}

/** How hard the terms of an objective pull, and the factors that make them pull alike where that is asked for. */
export interface Balance {
  factorOf(term: string): number;
  /** For checkpoints. */
  factors(): ByTerm;
  /**
   * Looks at the gradients after an epoch, 0 for the beginning; more and more seldom, but always where they decide about the factors.
   * @param next The step to look at; @param write Writes it; @param state Everything that the step carries.
   * @returns the part of each term in the gradient, 0 to 1; null where nobody looked.
   */
  look(
    epoch: number,
    next: number,
    write: (first: number, count: number) => Promise<Chunk>,
    state: Tensors,
  ): Promise<ByTerm | null>;
  close(): Promise<void>;
}

export interface BalanceOptions {
  readonly objective: ObjectiveOptions;
  readonly balanced: boolean;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** What a step on batches of a length is made of. */
  readonly specAt: (length: number | null) => ObjectiveSpec;
  readonly runtime: Runtime;
  readonly lower: Lower;
  /** Parameters that are never updated: no gradient reaches them. */
  readonly frozen: () => ReadonlySet<string>;
  /** Whether anybody wants to know. */
  readonly looks: boolean;
  /** Factors from a checkpoint. */
  readonly saved: ByTerm | undefined;
}

/** Watches over the terms of a training; its engine is opened when it first looks. */
export function openBalance({
  objective,
  balanced,
  steps,
  stepsPerEpoch,
  specAt,
  frozen,
  runtime,
  lower,
  looks,
  saved,
}: BalanceOptions): Balance {
  const { losses } = objective;
  let factors: ByTerm = saved ?? {};
  const sessions = new Map<number | null, Session>();
  const sessionAt = async (length: number | null): Promise<Session> => {
    const known = sessions.get(length);
    if (known) return known;
    const session = await runtime.open(encode(await lower(probeGraph(specAt(length), frozen()))));
    sessions.set(length, session);
    return session;
  };
  const isTime = (epoch: number): boolean => (balanced ? epoch > 0 || saved === undefined : Number.isInteger(Math.log2(epoch)));
  return {
    factorOf: (term) => factors[term] ?? 1,
    factors: () => factors,
    async look(epoch, next, write, state) {
      if (!looks || !isTime(epoch) || losses.filter((l) => l.weight !== 0).length < 2) return null;
      const chunk = await write(next, 1);
      const norms = await measure(await sessionAt(chunk.length), chunk, state);
      chunk.reclaim();
      if (balanced) factors = rebalanced(norms, factors);
      return shares(norms, weightsAt(losses, { step: next, steps, stepsPerEpoch }), factors);
    },
    close: async () => {
      for (const session of sessions.values()) await session.release();
    },
  };
}

/** Weights of the terms at a step, balancing apart. */
function weightsAt(losses: readonly LossOptions[], progress: Progress): ByTerm {
  const names = termNames(losses);
  return Object.fromEntries(
    losses.map(({ weight }, i) => [names[i]!, typeof weight === 'number' ? weight : scheduled(weight, progress)]),
  );
}

/** Beyond these a term is called silent rather than scaled up without end. */
const [least, most] = [1e-6, 1e6];

/**
 * Factors that make every term pull as hard as the first one: ‖∇first‖ / ‖∇term‖. Half of the way (of the logarithm) to what is
 * measured now, so that one batch does not decide; the first measurement counts whole. A term without a gradient keeps its factor.
 */
export function rebalanced(norms: ByTerm, before: ByTerm): ByTerm {
  const reference = Object.values(norms)[0] ?? 0;
  return Object.fromEntries(
    Object.entries(norms).map(([term, norm]) => {
      const known = before[term];
      if (!(norm > 0) || !(reference > 0)) return [term, known ?? 1];
      const now = Math.min(most, Math.max(least, reference / norm));
      return [term, known === undefined ? now : Math.sqrt(known * now)];
    }),
  );
}

/** The part of each term in the sum of the norms of the weighted gradients, 0 to 1. */
export function shares(norms: ByTerm, weights: ByTerm, factors: ByTerm): ByTerm {
  const pulls = Object.entries(norms).map(([term, norm]) => [term, norm * weights[term]! * (factors[term] ?? 1)] as const);
  const all = pulls.reduce((n, [, pull]) => n + pull, 0);
  return Object.fromEntries(pulls.map(([term, pull]) => [term, all > 0 ? pull / all : 0]));
}
