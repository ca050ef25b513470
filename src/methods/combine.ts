import type { Value } from '../graph/graph.ts';
import { add, div, max, mul } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import type { LossValues, Signals } from './define.ts';
import { type LossOptions, methodOf } from './index.ts';

export interface Objective {
  /** Rank 0: the weighted sum that is minimised. */
  readonly total: Value;
  /** Rank 0 each: unweighted means over the examples that count, by the names of `termNames`. */
  readonly terms: ReadonlyMap<string, Value>;
}

/** A name for each loss: its kind, numbered from the second of a kind on (`kd`, `kd.2`). */
export function termNames(losses: readonly Pick<LossOptions, 'kind'>[]): readonly string[] {
  const seen = new Map<string, number>();
  return losses.map(({ kind }) => {
    const n = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, n);
    return n === 1 ? kind : `${kind}.${n}`;
  });
}

/** Mean over the examples that count; 0 where none does. */
const meanOf = ({ values, valid }: LossValues): Value =>
  valid ? div(sum(mul(values, valid)), max(sum(valid), 1)) : mean(values);

/** Adds losses up to what a training step minimises. */
export function combine(signals: Signals, losses: readonly LossOptions[]): Objective {
  const names = termNames(losses);
  const graph = signals.target.graph;
  const terms = new Map(
    losses.map((options, i) => {
      const name = names[i]!;
      return [name, graph.scoped(name, () => meanOf(methodOf(options).loss(signals, options)))];
    }),
  );
  const weighted = losses.flatMap(({ weight }, i) => (weight === 0 ? [] : [weigh(terms.get(names[i]!)!, weight)]));
  const total = weighted.length === 0 ? graph.scalar(0, signals.target.dtype) : weighted.reduce((a, b) => add(a, b));
  return { total, terms };
}

const weigh = (term: Value, weight: number): Value => (weight === 1 ? term : mul(term, weight));
