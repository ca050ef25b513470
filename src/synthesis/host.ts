import type { ExampleType, Spreads } from '../data/dataset.ts';
import type { Random } from '../data/random.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Init } from '../models/define.ts';

/** Writes the numbers of a step or of a round; `draws` is a stream of its own for each. */
export type Fill = (into: Float32Array, draws: Random) => void;

/** What is special about a tensor that starts anew in each round. */
export interface Restart {
  /**
   * Rounds start from learnt weights instead of drawn ones, by Reptile (Nichol et al. 2018, arXiv 1803.02999). Beside the tensor lies
   * another of its shape, the learnt one, drawn once by `init` before the first round. At the start of each round the tensor becomes a
   * copy of it, with the optimizer's slots at their start; after the last step of a round it becomes
   * learnt + rate·(tensor − learnt), 0 < rate ≤ 1. Both are in checkpoints.
   */
  readonly learnt?: { readonly rate: number };
  /** What the optimizer makes of the tensor goes through this in each step: it puts back what has left the allowed range. */
  readonly project?: (next: Value) => Value;
}

/**
 * What a part of a synthesiser asks of the graph it is built into. Names get a prefix of the part's own. Everything that it makes is
 * state of the synthesiser, in its checkpoints, and a function of the seed.
 */
export interface Host {
  readonly graph: Graph;
  readonly batchSize: number;
  readonly example: ExampleType;
  /** Numbers that the teacher gives for an example. */
  readonly outputs: number;
  readonly spreads: Spreads;
  /** Trained, from the first round to the last. */
  param(name: string, shape: readonly number[], init: Init): Value;
  /** Trained, but drawn anew, with what the optimizer knows of it, at the start of each round. */
  restarted(name: string, shape: readonly number[], init: Init, how?: Restart): Value;
  /** Kept and updated, but not trained. */
  buffer(name: string, shape: readonly number[], init: Init): { readonly value: Value; update(next: Value): void };
  /** Drawn anew for each round: the same in all of its steps. */
  perRound(name: string, shape: readonly number[], fill: Fill): Value;
  /** Drawn anew in each step. */
  perStep(name: string, shape: readonly number[], fill: Fill): Value;
  /** Prefixes names, as of a part in a part. */
  scope<T>(name: string, build: () => T): T;
}
