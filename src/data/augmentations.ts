import { z } from 'zod';
import { affine } from './augment/affine.ts';
import { crop } from './augment/crop.ts';
import { cutmix } from './augment/cutmix.ts';
import { cutout } from './augment/cutout.ts';
import type { Augment, AugmentationEntry } from './augment/define.ts';
import { flip } from './augment/flip.ts';
import { maskTokens } from './augment/mask-tokens.ts';
import { mixup } from './augment/mixup.ts';
import { noise } from './augment/noise.ts';
import { shift } from './augment/shift.ts';
import type { Dataset } from './dataset.ts';

/** Every kind of augmentation; the recipe's `augment`, its help and its docs are made from this list. */
export const augmentations = [flip, crop, shift, affine, cutout, noise, mixup, cutmix, maskTokens] as const;

type OptionsOf<Entries> = { [E in keyof Entries]: Entries[E] extends { readonly options: infer Schema } ? Schema : never };

/** One augmentation of a recipe. */
export const augmentationSchema = z.discriminatedUnion(
  'kind',
  augmentations.map((a) => a.options) as unknown as OptionsOf<typeof augmentations>,
);
export type AugmentationOptions = z.output<typeof augmentationSchema>;

const byKind: ReadonlyMap<string, AugmentationEntry> = new Map(
  augmentations.map((a) => [a.kind, a as unknown as AugmentationEntry]),
);

/** An augmentation with the name under which it draws its random numbers. */
export interface NamedAugment extends Augment {
  readonly purpose: string;
}

/** Makes the augmentations of a recipe ready for a training set, in their order. Throws `DataError`. */
export const prepareAugmentations = (list: readonly AugmentationOptions[], train: Dataset): readonly NamedAugment[] =>
  list.map((options, place) => ({
    purpose: `augment/${place}/${options.kind}`,
    ...byKind.get(options.kind)!.prepare(options as never, { example: train.example, train }),
  }));

/** Rows that augmentations add to texts. */
export const addedRows = (list: readonly Augment[]): number => list.reduce((n, a) => n + (a.rows ?? 0), 0);

/** Whether every example looks the same in every epoch, so that teacher outputs can be kept. */
export const isCacheable = (list: readonly Augment[]): boolean => list.every((a) => !a.varies);
