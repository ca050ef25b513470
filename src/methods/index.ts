import { z } from 'zod';
import type { Method } from './define.ts';
import { kd } from './kd.ts';
import { labels } from './labels.ts';
import { logitMse } from './logit-mse.ts';
import { regression } from './regression.ts';
import { regressionKd } from './regression-kd.ts';

/** Every method; schema, help, documentation and captions are derived from this list. */
const all = [kd, labels, logitMse, regression, regressionKd] as const;

/** One loss of a recipe. */
export const lossSchema = z.discriminatedUnion('kind', [
  kd.options,
  labels.options,
  logitMse.options,
  regression.options,
  regressionKd.options,
]);
export type LossOptions = z.infer<typeof lossSchema>;

/** A method that takes the options of any loss; it is called with those of its own kind. */
export type AnyMethod = Method<z.ZodObject<{ kind: z.ZodLiteral<string>; weight: z.ZodDefault<z.ZodNumber> }>>;

export const methods = all as unknown as readonly AnyMethod[];

/** The method that options belong to. */
export function methodOf({ kind }: Pick<LossOptions, 'kind'>): AnyMethod {
  const found = methods.find((m) => m.kind === kind);
  if (!found) throw new Error(`internal: no method is called '${kind}'`);
  return found;
}
