import { z } from 'zod';
import type { Progress } from '../define.ts';

/** A way for a number to change during training. */
export interface Schedule<S extends z.ZodObject = z.ZodObject> {
  readonly summary: string;
  /** Strict object with `schedule` among its keys. */
  readonly options: S;
  readonly at: (options: z.infer<S>, progress: Progress) => number;
  /** A number that it never falls below, and comes as near to as one likes. */
  readonly lowest: (options: z.infer<S>) => number;
}

export const defineSchedule = <S extends z.ZodObject>(schedule: Schedule<S>): Schedule<S> => schedule;

/** Share of the training (of the stage, where there are several) that is behind, 0 to 1: the last step is at 1. */
export const share = ({ step, steps }: Progress): number => (steps <= 1 ? 1 : Math.min(1, step / (steps - 1)));

/** Epochs behind, with the part of the present one. */
export const epochs = ({ step, stepsPerEpoch }: Progress): number => step / stepsPerEpoch;

/** Options that schedules have in common. */
export const parts = {
  from: z.number().min(0).describe('Number at the beginning'),
  to: z.number().min(0).describe('Number at the end'),
  begin: z.number().min(0).max(1).default(0).describe('Share of the training after which the change begins'),
  end: z.number().min(0).max(1).default(1).describe('Share of the training after which the change is complete'),
  rate: z.number().positive().describe('λ, per epoch'),
};

/** How far a change between two shares of the training has come, 0 to 1. */
export function between(progress: Progress, { begin, end }: { readonly begin: number; readonly end: number }): number {
  const at = share(progress);
  if (at <= begin) return 0;
  return at >= end ? 1 : (at - begin) / (end - begin);
}
