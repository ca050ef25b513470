import { z } from 'zod';
import { lossSchema } from '../../methods/index.ts';
import { type Synthesis, synthesisSchema, synthesisShape } from '../synthesis.ts';
import type { SynthesisMethod } from './define.ts';
import { synthesisMethods } from './list.ts';

const kinds = synthesisMethods.map((m) => m.kind) as [SynthesisMethod['kind'], ...SynthesisMethod['kind'][]];
const custom = 'custom';

/** A method by its name, or with some of its parts named otherwise. */
export const methodSchema = z.union([
  z.enum(kinds),
  z.strictObject({
    kind: z.enum([custom, ...kinds]).describe('A published method, or `custom`, all of whose parts are named'),
    name: z.string().min(1).max(60).optional().describe('What reports call it'),
    losses: z.array(lossSchema).min(1).optional().describe('What the student learns; by default as the method is published'),
    ...z.object(synthesisShape).partial().shape,
  }),
]);
export type MethodOptions = z.output<typeof methodSchema>;

/** A method all of whose parts are known. */
export interface SettledMethod {
  readonly kind: string;
  readonly title: string;
  readonly control: boolean;
  readonly synthesis: Synthesis;
  readonly losses: readonly z.output<typeof lossSchema>[];
}

/** The usual losses of a method that is not published. */
const plain = [{ kind: 'kd', temperature: 4 }] as const;

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
    losses: losses ?? (known?.losses ?? plain).map((loss) => lossSchema.parse(loss)),
  };
}
