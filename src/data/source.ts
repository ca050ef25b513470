import type { z } from 'zod';
import type { Dataset } from './dataset.ts';
import { DataError } from './error.ts';
import type { HubOptions } from './hub/options.ts';

/** Where data is looked for and what code has handed over. */
export interface DataContext {
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** Sources made by code, by name. */
  readonly supplied: Readonly<Record<string, Source>>;
  /** Most bytes that one file may have when decompressed. */
  readonly maxBytes: number;
  /** How files are fetched from the Hugging Face Hub; without it `hf:` names are refused. */
  readonly hub?: HubOptions | undefined;
}

/** What a source holds: a train part, and test and validation parts where it has its own. */
export interface Source {
  readonly train: Dataset;
  readonly test: Dataset | null;
  readonly validation: Dataset | null;
  /** It is to hold no examples: all that it knows is what one would be. */
  readonly withoutExamples?: true;
  /** What a reader should know of it. */
  readonly notes?: readonly string[];
  /** Learns from the train split alone (means, fills) and says how every split is then seen. */
  fit(train: Dataset): (part: Dataset) => Dataset;
}

/** A source whose examples need nothing learnt. */
export const plainSource = (train: Dataset, test: Dataset | null = null, validation: Dataset | null = null): Source => ({
  train,
  test,
  validation,
  fit: () => (part) => part,
});

/** One kind of data: its options, its words for people, and how it is opened. */
export interface SourceEntry<Kind extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly kind: Kind;
  /** One sentence for help and docs. */
  readonly summary: string;
  /** What the data is called in reports; its kind unless told. */
  readonly title?: (options: z.output<z.ZodObject<Shape & { kind: z.ZodLiteral<Kind> }, z.core.$strict>>) => string;
  readonly options: z.ZodObject<Shape & { kind: z.ZodLiteral<Kind> }, z.core.$strict>;
  open(
    options: z.output<z.ZodObject<Shape & { kind: z.ZodLiteral<Kind> }, z.core.$strict>>,
    context: DataContext,
  ): Promise<Source>;
}

export const defineSource = <Kind extends string, Shape extends z.ZodRawShape>(
  entry: SourceEntry<Kind, Shape>,
): SourceEntry<Kind, Shape> => entry;

/** Refuses a generated set that would not fit, before anything is allocated. */
export function checkMemory(size: number, bytesEach: number, { maxBytes }: DataContext): void {
  if (size * bytesEach <= maxBytes) return;
  throw new DataError({
    where: 'data.size',
    found: `${size} examples of ${bytesEach} bytes`,
    expected: `at most ${maxBytes} bytes together`,
    fix: 'take fewer or smaller examples',
  });
}
