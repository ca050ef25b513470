import type { z } from 'zod';
import type { Value } from '../graph/graph.ts';

/** Named values that a model gives: `logits`, and whatever a method asked to tap. */
export type Outputs = ReadonlyMap<string, Value>;

/** What a loss can see of one batch of B examples. */
export interface Signals {
  readonly student: Outputs;
  /** Empty when there is no teacher. */
  readonly teacher: Outputs;
  /**
   * Classification: class probabilities [B, K] (one-hot, or mixed by mixup and CutMix; all zeros for an example without a label).
   * Regression: targets [B, T].
   */
  readonly target: Value;
}

/** One value per example, and which examples count. */
export interface LossValues {
  /** [B]. */
  readonly values: Value;
  /** [B], 1 for examples that count and 0 for others; absent: all count. The mean is taken over those that count. */
  readonly valid?: Value;
}

/** A transferable thing: options, words for people, and a loss. One file per method; everything else is derived from the list. */
export interface Method<S extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  /** One sentence: what it matches. */
  readonly summary: string;
  readonly paper: string;
  /** What to expect of it, honestly. */
  readonly expect: string;
  readonly tasks: readonly ('classification' | 'regression')[];
  /** Roles or tensor names that must be there, given the options. */
  readonly needs: (options: z.infer<S>) => {
    readonly teacher: readonly string[];
    readonly student: readonly string[];
    readonly labels: boolean;
  };
  /** Strict object with `kind` and `weight` among its keys. */
  readonly options: S;
  readonly loss: (signals: Signals, options: z.infer<S>) => LossValues;
}

export const defineMethod = <S extends z.ZodObject>(method: Method<S>): Method<S> => method;
