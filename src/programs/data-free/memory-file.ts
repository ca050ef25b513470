import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBlock } from '../../data/synthetic/block-bytes.ts';
import { type Block, blockSize, type Gathered, type GatheredOptions } from '../../data/synthetic/gathered.ts';
import {
  factsFile,
  factsText,
  partFile,
  partsOf,
  readFacts,
  readPart,
  readSet,
  type SetPart,
} from '../../data/synthetic/set-folder.ts';
import { FileError, removeFolder, writeWhole } from '../../run/files.ts';

/** A memory of made-up examples that survives its process: what a data source of kind `synthetic` reads. */
export interface MemoryFile {
  readonly folder: string;
  readonly memory: Gathered;
  /** Adds examples; they are on disk when it returns. */
  append(block: Block): Promise<void>;
  /**
   * A checkpoint counts `memory.seen` examples, and nobody goes back behind it: what a memory that replaces has forgotten by now may
   * leave the disk.
   */
  settle(): Promise<void>;
}

/** Files are this program's own: they are as large as the examples it made. */
const anySize = Number.MAX_SAFE_INTEGER;
/** Replaced examples stay on disk until there are so many times the capacity of them. */
const slack = 2;

/**
 * Opens the memory in a folder, new or to go on with.
 * @param seen Examples that came before the checkpoint to go on from: later ones are made again, and cut off; all that there are unless told.
 * @throws FileError where the folder holds another set or ends before the checkpoint, DataError where its files are damaged.
 */
export async function openMemory(folder: string, options: GatheredOptions, seen?: number): Promise<MemoryFile> {
  const text = factsText(options);
  if (!existsSync(join(folder, factsFile))) await writeWhole(join(folder, factsFile), text);
  else if (factsText(await readFacts(folder)) !== text) {
    throw new FileError(
      `${folder}: found made-up examples of other data or of another seed; go on with their recipe, or start over with --force`,
      'user',
    );
  }
  if (seen !== undefined) await cut(folder, options, seen);
  const memory = await readSet(folder, anySize);
  if (seen !== undefined && memory.seen !== seen) {
    throw new FileError(
      `${folder}: found ${memory.seen} made-up examples; expected the ${seen} that the checkpoint counts; the folder was changed: start over with --force`,
      'user',
    );
  }
  return {
    folder,
    memory,
    async append(block) {
      const at = memory.seen;
      memory.add(block);
      if (blockSize(block, options) > 0) await writeWhole(join(folder, partFile('block', at)), encodeBlock(block, options));
    },
    async settle() {
      const before = await partsOf(folder);
      const since = memory.seen - (before.findLast(({ kind }) => kind === 'held')?.at ?? 0);
      if (options.capacity === null || since < slack * options.capacity) return;
      const path = join(folder, partFile('held', memory.seen));
      await writeWhole(path, encodeBlock(memory.held(), options));
      for (const old of before) if (old.path !== path) await removeFolder(old.path);
    },
  };
}

/** Removes what came after so many examples. */
async function cut(folder: string, options: GatheredOptions, seen: number): Promise<void> {
  const parts = await partsOf(folder);
  for (const part of parts) if (part.at > seen || (part.kind === 'block' && part.at === seen)) await removeFolder(part.path);
  const last = parts.findLast(({ kind, at }) => kind === 'block' && at < seen);
  if (last) await shorten(last, options, seen);
}

/** Keeps of a block what came before. */
async function shorten(part: SetPart, options: GatheredOptions, seen: number): Promise<void> {
  const block = await readPart(part, options, anySize);
  const [count, kept] = [blockSize(block, options), seen - part.at];
  if (count <= kept) return;
  const width = block.x.length / count;
  const shorter: Block = {
    x: block.x.subarray(0, kept * width),
    labels: block.labels?.subarray(0, kept) ?? null,
    targets: block.targets?.subarray(0, kept * options.targets.length) ?? null,
  };
  await writeWhole(part.path, encodeBlock(shorter, options));
}
