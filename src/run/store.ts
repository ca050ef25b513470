import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from '../graph/type.ts';
import { type Choices, rememberedChoices } from './choices.ts';
import { claimFolder } from './claim.ts';
import { FileError, fileError, listFolder, readJson, removeFolder, toJson, writeFolder, writeWhole } from './files.ts';
import type { HistoryRow } from './record.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

/** Where a training stands. Numbers only, so that a resumed run counts on from exactly here. */
export interface Counters {
  readonly step: number;
  readonly epoch: number;
  /** Sums of the losses since the last row, and over how many steps. */
  readonly sums: Readonly<Record<string, number>>;
  readonly summed: number;
  readonly best: { readonly epoch: number; readonly value: number } | null;
  /** Factors of balanced losses, by term. */
  readonly factors: Readonly<Record<string, number>>;
  /** Length of metrics.jsonl at this point, in bytes: what comes later is written again. */
  readonly metricsBytes: number;
}

/** What is left of a training that has ended. */
export interface Finished {
  readonly bestEpoch: number;
  readonly bestValue: number;
  readonly early: boolean;
  readonly seconds: number;
  readonly metricsBytes: number;
}

export interface Checkpoint {
  readonly counters: Counters;
  /** Seconds spent so far; apart from the counters, which are the same for the same recipe. */
  readonly seconds: number;
  readonly state: Tensors;
  /** Weights of the best epoch so far. */
  readonly best: Tensors | null;
}

/** The files of one training: `checkpoints/<job>/step-N/` and, when it is over, `checkpoints/<job>/done/`. */
export interface JobStore {
  readonly folder: string;
  finished(): Promise<{ readonly result: Finished; readonly weights: Tensors } | undefined>;
  /** The newest whole checkpoint, or undefined. */
  latest(): Promise<Checkpoint | undefined>;
  /** Path of the newest whole checkpoint, for messages. */
  latestPath(): Promise<string | null>;
  save(checkpoint: Checkpoint): Promise<void>;
  finish(result: Finished, weights: Tensors): Promise<void>;
  /** The weights after an epoch beside those of the best: `checkpoints/<job>/epoch-N/`. */
  keep(epoch: number, weights: Tensors): Promise<void>;
  /** Undefined where that epoch was not kept. */
  kept(epoch: number): Promise<Tensors | undefined>;
}

/** The run directory. */
export interface RunStore {
  readonly directory: string;
  /** The resolved recipe, as YAML. */
  readonly recipe: string;
  readonly resumed: boolean;
  job(name: string): JobStore;
  /** Appends rows to metrics.jsonl and returns its length in bytes. */
  appendHistory(rows: readonly HistoryRow[]): Promise<number>;
  historyBytes(): number;
  /** Cuts metrics.jsonl back to a checkpoint, or, without one, to the end of the last training that is over. */
  rewindHistory(checkpoint: Counters | undefined): Promise<void>;
  /** Rows up to here belong to trainings that are over. */
  settleHistory(bytes: number): void;
  history(): Promise<readonly HistoryRow[]>;
  /** Lowerings chosen in this run or, before it, on this machine. */
  choices(machine: string): Promise<Choices>;
  path(...names: readonly string[]): string;
  write(name: string, bytes: Uint8Array | string): Promise<void>;
}

export interface StoreOptions {
  /** The resolved recipe as it is written beside the results. */
  readonly recipe: string;
  /** Go on with an unfinished run of the same recipe. */
  readonly resume: boolean;
  /** Replace whatever run is there. */
  readonly force: boolean;
}

const historyFile = 'metrics.jsonl';
/** What a run folder is known by; nothing else is ever removed. */
const ownNames = [
  'recipe.yaml',
  'metrics.jsonl',
  'results.json',
  'details.json',
  'lowerings.json',
  'report.html',
  'student',
  'teacher',
  'checkpoints',
  'teacher-outputs',
];

/**
 * Opens a run directory: a new one, or an unfinished run of the same recipe to go on with.
 * @throws FileError if a run is there already and neither `resume` nor `force` says what to do with it, or if it is of another recipe.
 */
export async function openStore(directory: string, { recipe, resume, force }: StoreOptions): Promise<RunStore> {
  const resumed = await claimFolder(directory, { recipe, resume, force, ownNames, first: { [historyFile]: '' } });
  const historyPath = join(directory, historyFile);
  let length = existsSync(historyPath) ? (await readFile(historyPath)).length : 0;
  let settled = 0;

  return {
    directory,
    recipe,
    resumed,
    job: (name) => jobStore(join(directory, 'checkpoints', name)),
    async appendHistory(rows) {
      const text = rows.map((r) => `${JSON.stringify(r)}\n`).join('');
      await appendFile(historyPath, text).catch((error: unknown) => {
        throw fileError(historyPath, error);
      });
      length += Buffer.byteLength(text);
      return length;
    },
    historyBytes: () => length,
    async rewindHistory(checkpoint) {
      if (!existsSync(historyPath)) await writeFile(historyPath, '');
      length = checkpoint?.metricsBytes ?? settled;
      await truncate(historyPath, length);
    },
    settleHistory: (bytes) => {
      settled = bytes;
    },
    history: async () =>
      (await readFile(historyPath, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as HistoryRow),
    choices: (machine) => rememberedChoices(join(directory, 'lowerings.json'), machine),
    path: (...names) => join(directory, ...names),
    write: (name, bytes) => writeWhole(join(directory, name), bytes),
  };
}

const stepName = (step: number): string => `step-${String(step).padStart(9, '0')}`;
const bestPrefix = 'best.';
const weightsFile = 'weights.safetensors';

/** The files of a training in a folder of its own. */
export function jobStore(folder: string): JobStore {
  const steps = async (): Promise<readonly string[]> => (await listFolder(folder)).filter((n) => /^step-\d+$/.test(n));
  const load = async (path: string): Promise<Record<string, Tensor>> => readSafetensors(await readFile(path), path);
  return {
    folder,
    async finished() {
      const result = await readJson<Finished>(join(folder, 'done', 'result.json'));
      return result && { result, weights: await load(join(folder, 'done', weightsFile)) };
    },
    async latest() {
      const name = (await steps()).at(-1);
      if (!name) return undefined;
      const at = join(folder, name);
      const counters = await readJson<Counters>(join(at, 'counters.json'));
      if (!counters) throw new FileError(`${at}: counters.json is missing; remove this folder and resume again`, 'user');
      const all = Object.entries(await load(join(at, 'state.safetensors')));
      const time = await readJson<{ seconds: number }>(join(at, 'time.json'));
      const best = all.filter(([n]) => n.startsWith(bestPrefix)).map(([n, t]) => [n.slice(bestPrefix.length), t] as const);
      return {
        counters,
        seconds: time?.seconds ?? 0,
        state: Object.fromEntries(all.filter(([n]) => !n.startsWith(bestPrefix))),
        best: best.length > 0 ? Object.fromEntries(best) : null,
      };
    },
    async latestPath() {
      const name = (await steps()).at(-1);
      return name ? join(folder, name) : null;
    },
    async save({ counters, seconds, state, best }) {
      const before = await steps();
      const name = stepName(counters.step);
      const bestTensors = Object.fromEntries(Object.entries(best ?? {}).map(([n, t]) => [bestPrefix + n, t]));
      await writeFolder(join(folder, name), {
        'state.safetensors': writeSafetensors({ ...state, ...bestTensors }),
        'counters.json': toJson(counters),
        'time.json': toJson({ seconds }),
      });
      // The new one is whole: the one before may go.
      for (const old of before) if (old !== name) await removeFolder(join(folder, old));
    },
    async finish(result, weights) {
      await writeFolder(join(folder, 'done'), {
        [weightsFile]: writeSafetensors(weights),
        'result.json': toJson(result),
      });
      for (const old of await steps()) await removeFolder(join(folder, old));
    },
    keep: (epoch, weights) => writeFolder(join(folder, `epoch-${epoch}`), { [weightsFile]: writeSafetensors(weights) }),
    async kept(epoch) {
      const path = join(folder, `epoch-${epoch}`, weightsFile);
      return existsSync(path) ? load(path) : undefined;
    },
  };
}

/** Makes the parent of a run directory, so that a full disk or a read-only folder shows before any work is done. */
export async function ensureWritable(directory: string): Promise<void> {
  const probe = join(directory, '.potstill');
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(probe, '');
  } catch (error) {
    throw fileError(directory, error);
  }
  await removeFolder(probe);
}
