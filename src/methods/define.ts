import type { z } from 'zod';
import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/type.ts';
import type { BuildContext } from '../models/define.ts';

/** Named values that a model gives: `logits`, and whatever a method asked to tap. */
export type Outputs = ReadonlyMap<string, Value>;

/** What can be tapped: shapes of one example's part, without the batch, by role (`hidden.3`) or tensor name. */
export interface Offer {
  readonly student: ReadonlyMap<string, Shape>;
  /** Empty when there is no teacher. */
  readonly teacher: ReadonlyMap<string, Shape>;
}

/** What there is before any model is known. */
export const noOffer: Offer = { student: new Map(), teacher: new Map() };

/** Where a training stands. */
export interface Progress {
  /** From 0. */
  readonly step: number;
  /** Steps of the whole training. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/**
 * What a loss may make for itself. Names are put under the name of the loss; parameters are trained with the student, kept in
 * checkpoints, and left out of what is exported.
 */
export interface Extras extends Pick<BuildContext, 'graph' | 'param' | 'buffer' | 'uniform' | 'scope'> {
  /** A number that depends on the step alone, rank 0; asking again for a name gives the same value. */
  scalar(name: string, at: (progress: Progress) => number): Value;
  /** Number of examples in the training set. */
  readonly examples: number;
  /** Which examples of the training set the batch holds: int64 [B]. */
  indices(): Value;
  /**
   * What a slow copy of the student says of the batch, in evaluation mode; no gradient flows into it. After every step the copy
   * becomes keep·copy + (1 − keep)·student: 0.999 makes a moving average; 1, and 0 at the last step of every epoch, makes the student
   * as the epoch before left it. It starts as the student starts.
   */
  shadow(name: string, keep: (progress: Progress) => number): Outputs;
  /** What another student of the same architecture says of the batch, with parameters of its own that are trained as well. */
  peer(name: string): Outputs;
}

/** What a loss can see of one batch of B examples. */
export interface Signals {
  readonly student: Outputs;
  /** The taps or digests that the method asked for, [B, …]; empty when there is no teacher. No gradient flows into them. */
  readonly teacher: Outputs;
  /**
   * Classification: class probabilities [B, K] (one-hot, or mixed by mixup and CutMix; all zeros for an example without a label).
   * Regression: targets [B, T].
   */
  readonly target: Value;
  readonly offer: Offer;
  readonly extras: Extras;
}

/** One value per example, and which examples count. */
export interface LossValues {
  /** [B]. */
  readonly values: Value;
  /** [B], 1 for examples that count and 0 for others; absent: all count. The mean is taken over those that count. */
  readonly valid?: Value;
  /** Numbers of rank 0 to be recorded beside the loss, by name (a learned temperature). */
  readonly shows?: Readonly<Record<string, Value>>;
}

/**
 * What a loss makes of the teacher alone, each example for itself. It is computed where the teacher is asked, so that large features
 * are neither stored nor sent to every step. Never of predictions: those are repaired first.
 */
export interface Digest {
  /** Says what it is: equal names are equal values. */
  readonly name: string;
  readonly taps: readonly string[];
  /** @param tapped The values of `taps`, [B, …]. @returns [B, …]. */
  readonly make: (...tapped: readonly Value[]) => Value;
}

/** What is asked of a teacher: a tap, or something made of taps. */
export type Asked = string | Digest;

/** A digest as the teacher gave it, or made now of the taps that it gave instead. */
export const digested = (teacher: Outputs, { name, taps, make }: Digest): Value =>
  teacher.get(name) ?? make(...taps.map((tap) => teacher.get(tap)!));

/** What data may ask of a student: a class, values, a vector such as the teacher's, or a class for each word. */
export type TaskName = 'classification' | 'regression' | 'embedding' | 'token-classification';
/** Whatever is asked of an example. */
export const anyTask: readonly TaskName[] = ['classification', 'regression', 'embedding'];
/** Whatever is asked of an example or its tokens: of inner features that have a place for each token. */
export const anyTextTask: readonly TaskName[] = [...anyTask, 'token-classification'];
/** Classes of examples or of tokens: each row of logits for itself. */
export const rowTasks: readonly TaskName[] = ['classification', 'token-classification'];

/** Roles or tensor names that have to be there. */
export interface Needs {
  readonly teacher: readonly string[];
  /** What of the teacher is read in place of `teacher`. */
  readonly digests?: readonly Digest[];
  readonly student: readonly string[];
  readonly labels: boolean;
}

/** A transferable thing: options, words for people, and a loss. One file per method; everything else is derived from the list. */
export interface Method<S extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  /** One sentence: what it matches. */
  readonly summary: string;
  readonly paper: string;
  /** What to expect of it, honestly. */
  readonly expect: string;
  readonly tasks: readonly TaskName[];
  /** The teacher's logits may be of other classes than the student's. */
  readonly otherClasses?: true;
  /** What it taps, given the options and what there is; it may name taps that are not offered: that is reported to the user. */
  readonly needs: (options: z.infer<S>, offer: Offer) => Needs;
  /** Strict object: `kind`, the `common` options of every loss, and its own. */
  readonly options: S;
  readonly loss: (signals: Signals, options: z.infer<S>) => LossValues;
}

export const defineMethod = <S extends z.ZodObject>(method: Method<S>): Method<S> => method;
