import { prepareAugmentations } from '../../data/augmentations.ts';
import type { Dataset } from '../../data/dataset.ts';
import { lossSchema } from '../../methods/index.ts';
import type { Training } from '../../recipe/recipe.ts';
import type { Matrix } from '../../run/metrics.ts';
import type { Tensors } from '../../run/store.ts';
import { train } from '../../run/train.ts';
import { validator } from '../../run/workplace.ts';
import { cachedTeacher } from '../../teachers/cache.ts';
import type { Federation } from './federation.ts';
import type { FederatedOptions } from './options.ts';

/** The mean of what several models say, row by row: AVGLOGITS of Lin et al. 2020, §3, each model with the same weight. */
export function meanLogits(all: readonly Matrix[]): Matrix {
  const { rows, width } = all[0]!;
  const data = Float32Array.from({ length: rows * width }, (_, i) => all.reduce((s, m) => s + m.data[i]!, 0) / all.length);
  return { data, rows, width };
}

/** Name of the training of a server's model in the store, its seed and role apart. */
export const distillationOf = (round: number, architecture: number): string => `round-${round}-server-${architecture}`;

export interface Distillation {
  readonly round: number;
  readonly architecture: number;
  readonly from: Tensors;
  /** What the clients say together of every example that the server has. */
  readonly logits: Matrix;
}

/**
 * A server's model taught by the mean of its clients' logits, from where it stands: the best epoch on validation counts, or the last
 * one without a validation split.
 */
export async function distil(
  o: FederatedOptions,
  federation: Federation,
  { round, architecture, from, logits }: Distillation,
): Promise<Tensors> {
  const { workplace, seed, preprocess, shape, context } = federation;
  const { splits, recipe, shared } = workplace;
  const shown = federation.shown as Dataset;
  const { epochs, batchSize, optimizer, patience, temperature } = o.server;
  const { earlyStopping: _, ...rest } = recipe.training;
  const training: Training = {
    ...rest,
    epochs,
    batchSize: Math.min(batchSize, shown.size),
    optimizer,
    augment: [],
    ...(splits.validation.size > 0 && { earlyStopping: { patience } }),
  };
  const { weights } = await train(
    {
      role: 'distilled',
      seed,
      model: await federation.model(federation.architectures[architecture]!),
      input: shape.input,
      preprocess,
      objective: { losses: [lossSchema.parse({ kind: 'kd', weight: 1, temperature })] },
      training,
      augment: prepareAugmentations([], shown),
      teacher: cachedTeacher({ logits: { dtype: 'float32', shape: [logits.rows, logits.width], data: logits.data } }),
      offer: new Map([['logits', [logits.width]]]),
      stage: { name: distillationOf(round, architecture), passesOn: false, from, epochs: (round - 1) * epochs, steps: 0 },
    },
    { ...context, train: shown, validate: validator(shared, splits.validation, null) },
  );
  return weights;
}
