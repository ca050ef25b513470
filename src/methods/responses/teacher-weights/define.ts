import type { z } from 'zod';
import type { Value } from '../../../graph/graph.ts';
import type { Signals } from '../../define.ts';

/** How much each of M teachers counts for each of B examples. */
export interface Scores {
  /** [B, M] or [1, M]: their softmax over teachers are the weights. No gradient flows into them. */
  readonly scores: Value;
  /** [B], added to the loss: what learned scores are learned from. */
  readonly learning?: Value;
}

/** A rule for how much each of several teachers counts. */
export interface TeacherWeighting<S extends z.ZodObject = z.ZodObject> {
  readonly by: string;
  readonly summary: string;
  /** Whether it looks at the labels. */
  readonly labels: boolean;
  /** Taps of the student that it looks at. */
  readonly student: (options: z.infer<S>) => readonly string[];
  /** Strict object with `by` among its keys. */
  readonly options: S;
  /** @param teachers Logits of each, [B, K]. */
  readonly score: (teachers: readonly Value[], signals: Signals, options: z.infer<S>) => Scores;
}

export const defineTeacherWeighting = <S extends z.ZodObject>(weighting: TeacherWeighting<S>): TeacherWeighting<S> => weighting;
