import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readJson, toJson, writeWhole } from './files.ts';

/** What was found fastest on this machine: the name of the way by the signature of the node. */
export interface Choices {
  get(signature: string): string | undefined;
  set(signature: string, way: string): Promise<void>;
}

/** Choices that live as long as the process. */
export function choicesInMemory(): Choices {
  const known = new Map<string, string>();
  return { get: (s) => known.get(s), set: async (s, way) => void known.set(s, way) };
}

/** Where choices are kept from run to run. */
const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'potstill');

/**
 * Choices of a run, which a resumed run keeps, and of the machine, which later runs begin with: two ways round differently, so a
 * run can only be repeated bit for bit with the same choices.
 */
export async function rememberedChoices(runFile: string, machine: string): Promise<Choices> {
  const shared = join(cacheFolder(), `lowerings-${createHash('sha256').update(machine).digest('hex').slice(0, 16)}.json`);
  const own = new Map(Object.entries((await readJson<Record<string, string>>(runFile)) ?? {}));
  // The cache is a convenience: without it the choices are only measured again.
  const machines = new Map(Object.entries((await readJson<Record<string, string>>(shared).catch(() => undefined)) ?? {}));
  return {
    get: (signature) => own.get(signature) ?? machines.get(signature),
    async set(signature, way) {
      own.set(signature, way);
      machines.set(signature, way);
      await writeWhole(runFile, toJson(Object.fromEntries(own)));
      await writeWhole(shared, toJson(Object.fromEntries(machines))).catch(() => {});
    },
  };
}
