import type { z } from 'zod';
import type { lossSchema } from '../../methods/index.ts';
import type { synthesisSchema } from '../synthesis.ts';

/** A published way of distilling without the data: words for people, and what it is made of. */
export interface SynthesisMethod<Kind extends string = string> {
  readonly kind: Kind;
  /** As its authors call it. */
  readonly title: string;
  readonly summary: string;
  readonly paper: string;
  readonly expect: string;
  /** Merely something to compare with. */
  readonly control?: true;
  /** Its parts, each of which a recipe may name otherwise. */
  readonly synthesis: z.input<typeof synthesisSchema>;
  /** What the student learns, where the recipe does not say. */
  readonly losses: readonly z.input<typeof lossSchema>[];
}

export const defineSynthesis = <Kind extends string>(method: SynthesisMethod<Kind>): SynthesisMethod<Kind> => method;
