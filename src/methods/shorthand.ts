import { z } from 'zod';
import { type LossOptions, lossSchema } from './index.ts';

/** The usual objective of distillation in three numbers. */
export const shorthandSchema = z.strictObject({
  alpha: z.number().min(0).max(1).default(0.9).describe('Share of the teacher'),
  temperature: z.number().positive().default(4),
  form: z
    .enum(['convex', 'literal'])
    .default('convex')
    .describe('convex: α·T²·KL + (1 − α)·CE; literal: T²·KL + (1 − α)·CE, as some articles print it'),
});
export type Shorthand = z.infer<typeof shorthandSchema>;

const teacherWeight: Readonly<Record<Shorthand['form'], (alpha: number) => number>> = {
  convex: (alpha) => alpha,
  literal: () => 1,
};

/** What a shorthand mixes. */
export interface Kinds {
  readonly soft: (temperature: number) => { readonly kind: string };
  /** Null where nothing can be learnt without a teacher. */
  readonly hard: string | null;
}
export const classes: Kinds = { soft: (temperature) => ({ kind: 'kd', temperature }), hard: 'labels' };
/** Values have no temperature. */
export const values: Kinds = { soft: () => ({ kind: 'regression-kd' }), hard: 'regression' };
/** Nor have vectors that nothing is known of but the teacher's. */
export const vectors: Kinds = { soft: () => ({ kind: 'cosine' }), hard: null };

/** The losses that a shorthand stands for; one with weight 0 is left out, so that α = 1 needs no labels. */
export function fromShorthand({ alpha, temperature, form }: Shorthand, kinds: Kinds = classes): LossOptions[] {
  if (kinds.hard === null) return [lossSchema.parse(kinds.soft(temperature))];
  const losses = [
    { ...kinds.soft(temperature), weight: teacherWeight[form](alpha) },
    { kind: kinds.hard, weight: 1 - alpha },
  ];
  return losses.filter((loss) => loss.weight > 0).map((loss) => lossSchema.parse(loss));
}
