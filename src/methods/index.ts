import type { z } from 'zod';
import { attention } from './attention/list.ts';
import type { Method } from './define.ts';
import { features } from './features/list.ts';
import type { common } from './options.ts';
import { relations } from './relations/list.ts';
import { responses } from './responses/list.ts';
import { self } from './self/list.ts';
import { targets } from './targets/list.ts';
import { unionOf } from './union.ts';

/** Methods by what they look at. */
export const families = { targets, responses, features, relations, attention, self } as const;

/** Every method; schema, help, documentation and captions are derived from this list. */
const all = [...targets, ...responses, ...features, ...relations, ...attention, ...self] as const;

/** One loss of a recipe. */
export const lossSchema = unionOf('kind', all);
export type LossOptions = z.infer<typeof lossSchema>;

/** A method that takes the options of any loss; it is called with those of its own kind. */
export type AnyMethod = Method<z.ZodObject<{ kind: z.ZodLiteral<string> } & typeof common>>;

export const methods = all as unknown as readonly AnyMethod[];

/** The method that options belong to. */
export function methodOf({ kind }: Pick<LossOptions, 'kind'>): AnyMethod {
  const found = methods.find((m) => m.kind === kind);
  if (!found) throw new Error(`internal: no method is called '${kind}'`);
  return found;
}
