import { z } from 'zod';
import { lossSchema } from '../../methods/index.ts';
import { type Synthesis, synthesisSchema, synthesisShape } from '../synthesis.ts';
import type { SynthesisMethod } from './define.ts';
import { synthesisMethods } from './list.ts';

const kinds = synthesisMethods.map((m) => m.kind) as [SynthesisMethod['kind'], ...SynthesisMethod['kind'][]];
/** The kind of a method all of whose parts are named. */
export const custom = 'custom';

/** A method with some of its parts named otherwise. */
export const changedMethod = z.strictObject({
  kind: z.enum([custom, ...kinds]).describe('A published method, or `custom`, all of whose parts are named'),
  name: z.string().min(1).max(60).optional().describe('What reports call it'),
  losses: z.array(lossSchema).min(1).optional().describe('What the student learns; by default as the method is published'),
  ...z.object(synthesisShape).partial().shape,
});
const methodOf = z.union([z.enum(kinds), changedMethod]);

const isPart = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** Options that a recipe gives to a part stand beside the published ones, as long as the part is of the same kind. */
function besidePublished(given: unknown): unknown {
  if (!isPart(given)) return given;
  const published: Readonly<Record<string, unknown>> = synthesisMethods.find((m) => m.kind === given.kind)?.synthesis ?? {};
  return Object.fromEntries(
    Object.entries(given).map(([name, part]) => {
      const usual = published[name];
      return [name, isPart(part) && isPart(usual) && part.kind === usual.kind ? { ...usual, ...part } : part];
    }),
  );
}

/**
 * A method by its name, or changed: what a part is not told stays as it is published. That is settled before parsing, after which usual
 * values and told ones look alike.
 */
export const methodSchema = z.preprocess(besidePublished, methodOf) as unknown as z.ZodType<
  z.output<typeof methodOf>,
  z.input<typeof methodOf>
>;
export type MethodOptions = z.output<typeof methodSchema>;

/** A method all of whose parts are known. */
export interface SettledMethod {
  readonly kind: string;
  readonly title: string;
  readonly control: boolean;
  readonly synthesis: Synthesis;
  readonly losses: readonly z.output<typeof lossSchema>[];
  /** Whether the recipe names these losses for this method. */
  readonly ownLosses: boolean;
}

/** What the student learns by a method that is not published, unless told. */
export const usualLosses = [{ kind: 'kd', temperature: 4 }] as const;

/** What a method's folder is called: letters and digits of its name. Two names may come to one. */
export const folderOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');

/** @throws ZodError with what is missing, where a custom method lacks parts. */
export function settledMethod(options: MethodOptions): SettledMethod {
  const { kind, name, losses, ...parts } = typeof options === 'string' ? { kind: options } : options;
  const known: SynthesisMethod | undefined = synthesisMethods.find((m) => m.kind === kind);
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return {
    kind,
    title: name ?? known?.title ?? kind,
    control: known?.control ?? false,
    synthesis: synthesisSchema.parse({ ...known?.synthesis, ...given }),
    ownLosses: losses !== undefined,
    losses: losses ?? (known?.losses ?? usualLosses).map((loss) => lossSchema.parse(loss)),
  };
}
