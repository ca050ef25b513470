import type { z } from 'zod';
import type { Dataset, ExampleType } from '../dataset.ts';
import { DataError } from '../error.ts';
import type { Random } from '../random.ts';

/** The rows of a batch that an augmentation changes in place. */
export interface View {
  /** [batch, …example]; rows from `size` on are padding. */
  readonly x: Float32Array;
  /** [batch, targetSize]. */
  readonly target: Float32Array;
  readonly size: number;
  /** Tokens in a row of texts; null for anything else. */
  readonly length: number | null;
}

/** An augmentation made ready for one kind of example. It keeps scratch memory: one batch at a time. */
export interface Augment {
  /** Whether an example looks different from epoch to epoch, so that what a teacher says of it cannot be kept. */
  readonly varies: boolean;
  /** Rows of zeros behind those of a text, for it to write into. */
  readonly rows?: number;
  apply(view: View, random: Random): void;
}

/** What an augmentation is made ready for. */
export interface AugmentSubject {
  readonly example: ExampleType;
  /** What is trained on. */
  readonly train: Dataset;
}

/** One kind of augmentation: its options, its words for people, and what it does. */
export interface AugmentationEntry<Kind extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly kind: Kind;
  /** One sentence for help and docs. */
  readonly summary: string;
  readonly options: z.ZodObject<Shape & { kind: z.ZodLiteral<Kind> }, z.core.$strict>;
  /** Throws `DataError` where the examples cannot be changed in this way. */
  prepare(options: z.output<z.ZodObject<Shape & { kind: z.ZodLiteral<Kind> }, z.core.$strict>>, subject: AugmentSubject): Augment;
}

export const defineAugmentation = <Kind extends string, Shape extends z.ZodRawShape>(
  entry: AugmentationEntry<Kind, Shape>,
): AugmentationEntry<Kind, Shape> => entry;

/** Channels, height and width of a picture; a `DataError` for anything else. */
export function pictureShape(kind: string, example: ExampleType): readonly [number, number, number] {
  if (example.layout === 'image') return example.shape;
  throw new DataError({
    where: `augment ${kind}`,
    found: { vector: `examples are vectors of ${example.shape[0]} numbers`, tokens: 'examples are texts' }[example.layout],
    expected: 'pictures',
    fix: 'take it out of the recipe',
  });
}
