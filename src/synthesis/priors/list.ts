import { z } from 'zod';
import { activation } from './activation.ts';
import { adversarial } from './adversarial.ts';
import { balance } from './balance.ts';
import { batchStatistics } from './batch-statistics.ts';
import { confident } from './confident.ts';
import { contrast } from './contrast.ts';
import type { Prior } from './define.ts';
import { discriminator } from './discriminator.ts';
import { metadata } from './metadata.ts';
import { norm } from './norm.ts';
import { peaked } from './peaked.ts';
import { targets } from './targets.ts';
import { totalVariation } from './total-variation.ts';

const all = [
  // What the teacher answers.
  confident,
  balance,
  adversarial,
  targets,
  // What goes on inside of it.
  activation,
  batchStatistics,
  metadata,
  contrast,
  // What the examples look like.
  discriminator,
  totalVariation,
  norm,
  peaked,
] as const;

type Schemas<T extends readonly { readonly options: z.ZodObject }[]> = { -readonly [I in keyof T]: T[I]['options'] };

/** A prior of a synthesiser, told apart by its kind. */
export const priorSchema = z.discriminatedUnion('kind', all.map(({ options }) => options) as unknown as Schemas<typeof all>);
export type PriorOptions = z.output<typeof priorSchema>;

/** Every prior. */
export const priors = all as unknown as readonly Prior[];

/** The entry of a kind; it takes options of that kind alone. */
export function priorOf(kind: PriorOptions['kind']): Prior {
  const found = priors.find((prior) => prior.kind === kind);
  if (!found) throw new Error(`internal: no prior is called '${kind}'`);
  return found;
}
