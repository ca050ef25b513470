import { z } from 'zod';
import { onlyClasses } from './classes.ts';
import { blobs } from './generated/blobs.ts';
import { friedman } from './generated/friedman.ts';
import { glyphs } from './generated/glyphs.ts';
import { privileged } from './generated/privileged.ts';
import { spirals } from './generated/spirals.ts';
import { arrays } from './readers/arrays.ts';
import { cifar } from './readers/cifar.ts';
import { csv } from './readers/csv.ts';
import { idx } from './readers/idx.ts';
import { images } from './readers/images.ts';
import { jsonl } from './readers/jsonl.ts';
import { taggedText } from './readers/tagged-files.ts';
import { text } from './readers/text-files.ts';
import type { DataContext, SourceEntry } from './source.ts';
import { type Splits, split, splitOptions } from './split.ts';
import { none } from './synthetic/none.ts';
import { synthetic } from './synthetic/synthetic.ts';

/** Every kind of data; the recipe's `data`, its help and its docs are made from this list. */
export const sources = [
  images,
  idx,
  cifar,
  csv,
  jsonl,
  text,
  taggedText,
  arrays,
  glyphs,
  spirals,
  blobs,
  friedman,
  privileged,
  none,
  synthetic,
] as const;

type WithSplits<Entry> = Entry extends { readonly options: z.ZodObject<infer Shape, infer Config> }
  ? z.ZodObject<Shape & typeof splitOptions.shape, Config & z.core.$strict>
  : never;
type Options<Entries> = { [E in keyof Entries]: WithSplits<Entries[E]> };

/** The `data` of a recipe: the options of one source and how it is divided. */
export const dataSchema = z.discriminatedUnion(
  'kind',
  sources.map((s) => (s.options as z.ZodObject).extend(splitOptions.shape)) as unknown as Options<typeof sources>,
);
export type DataOptions = z.output<typeof dataSchema>;

const byKind: ReadonlyMap<string, SourceEntry> = new Map(sources.map((s) => [s.kind, s as unknown as SourceEntry]));

/** Opens the data of a recipe and divides it. Throws `DataError`. */
export async function openData(options: DataOptions, context: Partial<DataContext> = {}): Promise<Splits> {
  const { validation, test, limit, only, perClass, pickSeed, splitSeed, ...own } = options;
  const entry = byKind.get(options.kind)!;
  const source = await entry.open(own as never, { folder: '.', supplied: {}, maxBytes: DEFAULT_MAX_BYTES, ...context });
  const chosen = only ? onlyClasses(source, only) : source;
  return split(chosen, { validation, test, limit, perClass, pickSeed, splitSeed }, entry.title?.(own as never) ?? entry.kind);
}

/** 4 GiB: more than any public set that one machine trains on from memory. */
const DEFAULT_MAX_BYTES = 2 ** 32;
