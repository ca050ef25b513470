import type { Workshop } from '../define.ts';
import { type Federation, openFederation } from './federation.ts';
import { methods } from './methods.ts';
import type { FederatedOptions, MethodName } from './options.ts';
import { beginFederation, type RoundRecord, runRound, tidy } from './round.ts';

/** All rounds of a method from one seed. */
export interface Followed {
  readonly method: MethodName;
  readonly federation: Federation;
  readonly rounds: readonly RoundRecord[];
}

/** Runs them; those that are over are read. */
export async function follow(o: FederatedOptions, workshop: Workshop, name: MethodName, seed: number): Promise<Followed> {
  const method = methods[name];
  const workplace = await workshop.open(`${name}/seed-${seed}`, workshop.recipe);
  const federation = await openFederation(o, workplace, seed, method.distils, workshop.openData);
  for (const text of workplace.notes) workshop.note(text);
  const rounds: RoundRecord[] = [];
  for (let round = 1; round <= o.rounds; round++) {
    const where = `${method.name}, seed ${seed}, round ${round} of ${o.rounds}`;
    const tell = (what: string, done: number, total: number): void => workshop.progress(`${where}: ${what}`, done, total);
    const around = { o, method, federation, tell };
    const record = await workshop.remember(`${name}-${seed}-round-${round}`, async () => {
      if (round === 1) await beginFederation(federation);
      return runRound(around, round, rounds.at(-1)?.pending ?? []);
    });
    workplace.store.settleHistory(record.history);
    await tidy(around, round);
    rounds.push(record);
  }
  return { method: name, federation, rounds };
}
