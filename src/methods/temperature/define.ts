import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Operand } from '../../ops/define.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { clip } from '../../ops/select.ts';
import type { Signals } from '../define.ts';

/** A rule for the temperature that looks at the batch, or learns. */
export interface TemperatureRule<S extends z.ZodObject = z.ZodObject> {
  readonly by: string;
  readonly summary: string;
  readonly paper: string;
  /** Strict object with `by` among its keys. */
  readonly options: S;
  /** Of rank 0, or one for each example [B, 1]; positive. */
  readonly of: (options: z.infer<S>, signals: Signals) => Operand;
}

export const defineTemperature = <S extends z.ZodObject>(rule: TemperatureRule<S>): TemperatureRule<S> => rule;

/** The limits of a rule have to be in order. */
export const inOrder = [
  ({ min, max }: { readonly min: number; readonly max: number }): boolean => min <= max,
  'min must not be above max',
] as const;

/** Limits that keep the temperature of an example in a range where it makes sense. */
export const limits = (min: number, max: number) => ({
  min: z.number().positive().default(min).describe('Lowest temperature of an example'),
  max: z.number().positive().default(max).describe('Highest temperature of an example'),
});

/** base + β·(mean of w over the batch − w), limited: w [B, 1]. The more of w an example has, the sharper its targets. */
export const aroundBase = (
  w: Value,
  { base, beta, min, max }: { readonly base: number; readonly beta: number; readonly min: number; readonly max: number },
): Value => clip(add(mul(sub(reduceMean(w, [0]), w), beta), base), min, max);
