import type { Value } from '../../graph/graph.ts';

/** Texts of one length L, that of `seen`, whose tokens are distributions: M places of V ids, between a first and a last token that are fixed. */
export interface SoftTokens {
  /** What is looked up, [B, M, V]; each row sums to 1. */
  readonly shares: Value;
  /** Logarithms of the distributions themselves, without noise and hardening: [B, M, V]. */
  readonly logShares: Value;
  /** The ids that V counts. */
  readonly ids: readonly number[];
  /** The token in front of all texts ([CLS]) and the one behind ([SEP]); null where the tokenizer has none. */
  readonly first: number | null;
  readonly last: number | null;
}
