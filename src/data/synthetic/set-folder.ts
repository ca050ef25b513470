import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fileError, readBytes } from '../bytes.ts';
import { DataError } from '../error.ts';
import { decodeBlock } from './block-bytes.ts';
import { type Block, type Gathered, type GatheredOptions, gather, replacements } from './gathered.ts';

/** What the set is; written before any example. */
export const factsFile = 'set.json';

/** `block-N.bin`: what came after N examples; `held-N.bin`: what a memory that replaces held then, in place of all blocks before. */
const partName = /^(block|held)-(\d{12})\.bin$/;
export type PartKind = 'block' | 'held';
export const partFile = (kind: PartKind, at: number): string => `${kind}-${String(at).padStart(12, '0')}.bin`;

/** A file of a set. */
export interface SetPart {
  readonly kind: PartKind;
  /** Examples that came before it. */
  readonly at: number;
  readonly path: string;
}

const scale = { name: z.string(), mean: z.number(), std: z.number() };
const size = z
  .int()
  .min(1)
  .max(2 ** 28);
const id = z.int().min(0).nullable();
const facts = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  example: z.discriminatedUnion('layout', [
    z.strictObject({ layout: z.literal('image'), shape: z.tuple([size, size, size]) }),
    z.strictObject({
      layout: z.literal('vector'),
      shape: z.tuple([size]),
      columns: z.array(z.strictObject({ ...scale, fill: z.number().nullable() })),
    }),
    z.strictObject({
      layout: z.literal('tokens'),
      shape: z.tuple([z.literal(2), size]),
      text: z.strictObject({
        vocabulary: size,
        special: z.strictObject({ pad: z.int().min(0), unknown: id, first: id, separator: id, mask: id }),
        files: z.record(z.string(), z.string()),
      }),
    }),
  ]),
  classes: z.array(z.string()).min(1).nullable(),
  targets: z.array(z.strictObject(scale)),
  spreads: z.strictObject({ mean: z.array(z.number()), std: z.array(z.number()) }).nullable(),
  capacity: z.int().min(1).nullable(),
  replace: z.enum(replacements),
  seed: z.int(),
});

/** The content of `set.json`. */
export const factsText = ({ name, example, classes, targets, spreads, capacity, replace, seed }: GatheredOptions): string =>
  `${JSON.stringify({ version: 1, name, example, classes, targets, spreads, capacity, replace, seed }, null, 2)}\n`;

/** @throws DataError where there is no set, or none that can be read. */
export async function readFacts(folder: string): Promise<GatheredOptions> {
  const where = join(folder, factsFile);
  const bad = (found: string, cause: unknown): DataError =>
    new DataError(
      {
        where,
        found,
        expected: 'what a data-free program writes beside its examples',
        fix: 'name the folder that holds set.json',
      },
      'data',
      cause,
    );
  const text = (await readBytes(where, 2 ** 28)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad('it is not JSON', error);
  }
  const parsed = facts.safeParse(json);
  if (!parsed.success)
    throw bad(
      parsed.error.issues
        .map((i) => `${i.path.join('.')}: ${i.message}`)
        .slice(0, 5)
        .join('; '),
      parsed.error,
    );
  const { version: _, ...options } = parsed.data;
  const { example } = options;
  if (example.layout === 'vector' && example.columns.length !== example.shape[0]) {
    throw bad(`${example.columns.length} columns for vectors of ${example.shape[0]}`, undefined);
  }
  return options;
}

/** The files of a set in the order in which they were written. */
export async function partsOf(folder: string): Promise<readonly SetPart[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileError(folder, error);
  });
  return names.sort().flatMap((name): SetPart[] => {
    const [, kind, at] = partName.exec(name) ?? [];
    return kind ? [{ kind: kind as PartKind, at: Number(at), path: join(folder, name) }] : [];
  });
}

export const readPart = async ({ path }: SetPart, options: GatheredOptions, maxBytes: number): Promise<Block> =>
  decodeBlock(await readBytes(path, maxBytes), path, options);

/**
 * The memory that a folder holds, as it was after the last example that was written.
 * @param maxBytes Most that one file may have.
 * @throws DataError where files are missing, cut off, damaged or of another set.
 */
export async function readSet(folder: string, maxBytes: number): Promise<Gathered> {
  const options = await readFacts(folder);
  const parts = await partsOf(folder);
  const held = parts.findLast(({ kind }) => kind === 'held');
  const memory = gather(options, held ? { held: await readPart(held, options, maxBytes), seen: held.at } : null);
  for (const part of parts) {
    if (part.kind === 'held' || part.at < memory.seen) continue;
    if (part.at > memory.seen) {
      throw new DataError({
        where: folder,
        found: `no examples from ${memory.seen} to ${part.at}`,
        expected: `${partFile('block', memory.seen)} beside ${partFile('block', part.at)}`,
        fix: 'a file is missing: copy the whole folder, or make the set anew',
      });
    }
    memory.add(await readPart(part, options, maxBytes));
  }
  return memory;
}
