import { z } from 'zod';
import type { Value } from '../graph/graph.ts';
import { huber, meanAbsoluteError, meanSquaredError } from '../losses/regression.ts';
import { scheduleSchema } from './schedules/list.ts';
import { weightingSchema } from './weighting/list.ts';

/** Options that every loss has. */
export const common = {
  weight: z
    .union([z.number().min(0), scheduleSchema])
    .default(1)
    .describe('Factor of this loss in the sum, or how it changes over the training'),
  examples: z.array(weightingSchema).default([]).describe('How much each example counts in this loss; several are multiplied'),
};

/** Classes that are predictions of their own: of losses on logits. */
export const headsOption = z
  .array(z.array(z.int().min(0)).min(1))
  .min(1)
  .refine(
    (heads) => new Set(heads.flat()).size === heads.flat().length,
    'a class stands in two heads; expected each in one at most',
  )
  .optional()
  .describe(
    'Classes in groups, each a prediction with a softmax of its own, as the heads of several tasks; the losses of the heads are added up, classes in none take no part. By default all classes are one',
  );

/** How two predictions of numbers are compared. */
export const distanceOptions = {
  form: z.enum(['mse', 'huber', 'mae']).default('mse').describe('Squared error, Huber loss or absolute error'),
  delta: z.number().positive().default(1).describe('Error from which the Huber loss grows in a line'),
};

type Distance = (a: Value, b: Value, delta: number) => Value;

/** The comparison behind each `form`: [B, T] and [B, T] to [B]. */
export const distances: Readonly<Record<'mse' | 'huber' | 'mae', Distance>> = {
  mse: meanSquaredError,
  huber,
  mae: meanAbsoluteError,
};
