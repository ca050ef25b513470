import type { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { stopGradient } from '../../ops/elementwise.ts';
import type { Signals, TaskName } from '../define.ts';

/** A rule for how much each example counts in a loss. */
export interface Weighting<S extends z.ZodObject = z.ZodObject> {
  readonly by: string;
  readonly summary: string;
  readonly paper: string;
  readonly tasks: readonly TaskName[];
  /** Whether it looks at the teacher's logits. */
  readonly teacher: boolean;
  /** Whether it looks at the labels. */
  readonly labels: boolean;
  /** Strict object with `by` among its keys. */
  readonly options: S;
  /**
   * @param values The loss of each example, [B].
   * @param valid [B], 0 for examples that do not count in the loss; absent: all count.
   * @returns factors ≥ 0, [B], which may all be 0; no gradient flows through them. The caller scales a batch's factors to a mean of 1.
   */
  readonly weigh: (signals: Signals, values: Value, options: z.infer<S>, valid?: Value) => Value;
}

/** Completes a rule: what it returns is cut off from the gradient. */
export const defineWeighting = <S extends z.ZodObject>(weighting: Weighting<S>): Weighting<S> => ({
  ...weighting,
  weigh: (signals, values, options, valid) => stopGradient(weighting.weigh(signals, values, options, valid)),
});
