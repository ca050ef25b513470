import { z } from 'zod';
import { unionOf } from '../../union.ts';
import { agreement } from './agreement.ts';
import { confidence } from './confidence.ts';
import type { TeacherWeighting } from './define.ts';
import { equal } from './equal.ts';
import { fixed } from './fixed.ts';
import { learned } from './learned.ts';

/** Every rule for how much each of several teachers counts. */
export const teacherWeightings = [equal, fixed, confidence, agreement, learned] as const;

const rules = unionOf('by', teacherWeightings);
type Rule = z.infer<typeof rules>;

/** A rule; 'equal' and a list of numbers stand for the first two. */
export const teacherWeightsSchema = z.union([z.literal('equal'), fixed.options.shape.values, rules]);
export type TeacherWeights = z.infer<typeof teacherWeightsSchema>;

const spelledOut = (weights: TeacherWeights): Rule => {
  if (weights === 'equal') return { by: 'equal' };
  return Array.isArray(weights) ? { by: 'fixed', values: weights } : weights;
};

/** The rule that options belong to, and its options. */
export function teacherWeightingOf(weights: TeacherWeights): { readonly rule: TeacherWeighting; readonly options: Rule } {
  const options = spelledOut(weights);
  const rule = teacherWeightings.find(({ by }) => by === options.by)!;
  return { rule: rule as unknown as TeacherWeighting, options };
}
