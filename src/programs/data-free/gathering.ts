import { answered, type GatheredOptions } from '../../data/synthetic/gathered.ts';
import type { Tensors } from '../../run/store.ts';
import type { Engine } from '../unrolled/engine.ts';
import { type MemoryFile, openMemory } from './memory-file.ts';
import type { Learning } from './round-feeds.ts';
import { openRounds, type Rounds, type Store } from './rounds.ts';
import type { Setup } from './setup.ts';

/** Folders of what is gathered, beside the checkpoints: what the student learns from, and what is held back. */
export const setFolder = 'set';
const heldFolder = 'held';

/** What a method gathers. */
export interface Gathering {
  readonly memory: MemoryFile;
  readonly held: MemoryFile;
}

/** Rounds whose examples the student does not learn from. */
export const heldRounds = ({ o, method }: Pick<Setup, 'o' | 'method'>): number => Math.ceil(o.held * method.synthesis.rounds);

/**
 * Opens what was gathered before a round; all of it unless told.
 * @param round The one that comes next.
 */
export async function openGathering({ method, lab, place, seed, subject }: Setup, round?: number): Promise<Gathering> {
  const { example, classes, targets } = lab.splits.train;
  const { rounds, memory: capacity } = method.synthesis;
  const options: GatheredOptions = {
    name: method.title,
    example,
    classes,
    targets,
    spreads: lab.subject.spreads,
    capacity,
    replace: 'oldest',
    seed,
  };
  const open = (folder: string, after: number | undefined, most: number | null): Promise<MemoryFile> =>
    openMemory(
      place.store.path(folder),
      { ...options, capacity: most },
      after === undefined ? undefined : after * subject.batchSize,
    );
  return {
    memory: await open(setFolder, round === undefined ? undefined : Math.min(round, rounds), capacity),
    held: await open(heldFolder, round === undefined ? undefined : Math.max(0, round - rounds), null),
  };
}

/** Files as rounds fill them. */
const storeOf = (file: MemoryFile, { lab }: Setup): Store => ({
  append: ({ view, logits }) => file.append(answered(view, logits, lab.splits.train)),
  dataset: () => file.memory.dataset(),
});

/** Rounds of a method, but for where examples go. @param student Null where it learns afterwards. */
export const roundsOf = (
  { method: { synthesis }, seed, subject, sampler, synthesis: step }: Setup,
  student: Learning | null,
): Omit<Rounds, 'memory' | 'held'> => ({
  seed,
  synthesis: step && { step, steps: synthesis.steps },
  student,
  rounds: synthesis.rounds,
  sampler,
  batchSize: subject.batchSize,
  example: subject.example.shape,
});

/** Begins rounds at a state. @param gathering Where what they leave goes; null where nothing is gathered. */
export async function openInto(
  gathering: Gathering | null,
  setup: Setup,
  rounds: Omit<Rounds, 'memory' | 'held'>,
  state: Tensors,
): Promise<Engine> {
  const stores = {
    memory: gathering && storeOf(gathering.memory, setup),
    held: gathering && storeOf(gathering.held, setup),
  };
  const engine = await openRounds({ ...rounds, ...stores }, state, setup.place.shared);
  return { ...engine, settle: async () => gathering?.memory.settle() };
}
