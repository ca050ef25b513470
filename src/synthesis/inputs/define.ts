import type { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Host } from '../host.ts';
import type { SoftTokens } from '../soft/define.ts';

type InputsSchema<Kind extends string, Shape extends z.ZodRawShape> = z.ZodObject<
  Shape & { kind: z.ZodLiteral<Kind> },
  z.core.$strict
>;

/** Examples as data would give them, [B, …example], pictures about 0…1. */
export interface Batch {
  /** What is kept of a batch, and what a student is trained on. */
  readonly clean: Value;
  /** What teacher and priors judge: the same, but for moves that a step draws; `clean` itself where there are none. */
  readonly seen: Value;
  /** The class that each example was made for, one-hot [B, K]; absent where it was made for none. */
  readonly classes?: Value;
  /**
   * Texts whose tokens are distributions: `clean` and `seen` then have their most likely ids, which no gradient passes, `clean` with
   * padding up to the length of the data. Whatever judges them is to be built by `judged` (soft/lookup.ts) instead of on `seen`; who learns from `clean` need not know.
   */
  readonly soft?: SoftTokens;
}

/** Where the examples of a synthesiser come from: options, words for people, and the batch as a value. */
export interface Inputs<Kind extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly kind: Kind;
  readonly summary: string;
  readonly options: InputsSchema<Kind, Shape>;
  /** Whether a step changes anything; false for noise, which is drawn and used. */
  readonly learns: boolean;
  /**
   * Whether new examples can be had at any time from what was learnt, so that a student may be trained in the middle of it; false where
   * examples are what is optimised, and a round leaves one batch of them.
   */
  readonly endless: boolean;
  /** @throws SynthesisError where there are no such examples of this kind of data, or options do not fit it. */
  build(options: z.output<InputsSchema<Kind, Shape>>, host: Host): Batch;
}

export const defineInputs = <Kind extends string, Shape extends z.ZodRawShape>(
  inputs: Inputs<Kind, Shape>,
): Inputs<Kind, Shape> => inputs;
