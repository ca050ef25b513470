import { random } from '../../data/random.ts';
import type { FederatedOptions } from './options.ts';

/** Who takes part in a round. */
export interface Cohort {
  /** Clients that are asked, rising. */
  readonly asked: readonly number[];
  /** Those of them that report, in time or late. */
  readonly reporting: readonly number[];
  /** Those of them whose report arrives a round later. */
  readonly late: ReadonlySet<number>;
}

/** Draws the clients of a round; the same for every method. */
export function cohortOf(
  { clients, perRound, dropout, late }: Pick<FederatedOptions, 'clients' | 'perRound' | 'dropout' | 'late'>,
  seed: number,
  round: number,
): Cohort {
  const asked = [...random(seed, 'federated/asked', round).permutation(clients).slice(0, perRound)].sort((a, b) => a - b);
  const chance = (purpose: string, client: number): number => random(seed, purpose, round * clients + client).uniform();
  const reporting = asked.filter((client) => chance('federated/dropout', client) >= dropout);
  return { asked, reporting, late: new Set(reporting.filter((client) => chance('federated/late', client) < late)) };
}

/**
 * What the server has of a round: what came in time, and what is left of the round before where nothing newer came of the same client.
 */
export function arrived<U extends { readonly client: number }>(inTime: readonly U[], before: readonly U[]): readonly U[] {
  const newer = new Set(inTime.map(({ client }) => client));
  return [...inTime, ...before.filter(({ client }) => !newer.has(client))].sort((a, b) => a.client - b.client);
}
