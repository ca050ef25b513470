import { grad } from '../autodiff/grad.ts';
import type { Value } from '../graph/graph.ts';
import type { Tensor } from '../graph/type.ts';
import { termNames } from '../methods/combine.ts';
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

/** L2 norms of the gradients of the terms, each unweighted, with respect to all parameters of the student. */
export type Norms = Readonly<Record<string, number>>;

/** Measures how hard each term pulls, on one batch. */
export interface Probe {
  /** @param chunk One step; @param state Everything that the step carries. */
  measure(chunk: Chunk, state: Tensors): Promise<Norms>;
  close(): Promise<void>;
}

const normOutput = (term: string): string => `norm.${term}`;

/** A probe for an objective; its engine is opened when it is first used. */
export function openProbe(spec: ObjectiveSpec, runtime: Runtime, lower: Lower): Probe {
  let session: Promise<Session> | null = null;
  const open = async (): Promise<Session> => {
    const { graph, student, objective } = buildObjective(spec);
    for (const [term, { value }] of objective.terms) {
      const slopes = grad(
        value,
        student.params.map((p) => p.value),
      );
      const squares = slopes.map((g): Value => sum(mul(g, g)));
      graph.output(normOutput(term), sqrt(squares.reduce((a, b) => add(a, b))));
    }
    return runtime.open(encode(await lower(graph)));
  };
  return {
    async measure(chunk, state) {
      session ??= open();
      const opened = await session;
      const given = (name: string): Tensor => {
        const kept = state[name];
        // A feed is moved to the engine: the state is still needed here.
        if (kept) return { ...kept, data: kept.data.slice() };
        const { dtype, shape, data } = chunk.feeds[repeated.each(name)]!;
        return { dtype, shape: shape.slice(1), data: data.slice() };
      };
      const results = await opened.run(Object.fromEntries(opened.inputs.map(({ name }) => [name, given(name)])));
      return Object.fromEntries(
        Object.entries(results).map(([name, t]) => [name.slice(normOutput('').length), Number(t.data[0])]),
      );
    },
    close: async () => {
      if (session) await (await session).release();
    },
  };
}

/** Weights of the terms at a step, balancing apart. */
export function weightsAt(losses: readonly LossOptions[], progress: Progress): Readonly<Record<string, number>> {
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
export function rebalanced(norms: Norms, before: Norms | null): Norms {
  const reference = Object.values(norms)[0] ?? 0;
  return Object.fromEntries(
    Object.entries(norms).map(([term, norm]) => {
      const known = before?.[term];
      if (!(norm > 0) || !(reference > 0)) return [term, known ?? 1];
      const now = Math.min(most, Math.max(least, reference / norm));
      return [term, known === undefined ? now : Math.sqrt(known * now)];
    }),
  );
}

/** The part of each term in the sum of the norms of the weighted gradients, 0 to 1. */
export function shares(norms: Norms, weights: Norms, factors: Norms | null): Norms {
  const pulls = Object.entries(norms).map(([term, norm]) => [term, norm * weights[term]! * (factors?.[term] ?? 1)] as const);
  const all = pulls.reduce((n, [, pull]) => n + pull, 0);
  return Object.fromEntries(pulls.map(([term, pull]) => [term, all > 0 ? pull / all : 0]));
}
