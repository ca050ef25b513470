import { fromShorthand, shorthandSchema } from '../../methods/shorthand.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Inner } from './inner.ts';

/** How much the teacher and labels count in an unrolled step: the recipe's objective. */
export function mixtureOf({ objective }: Pick<Recipe, 'objective'>): Omit<Inner, 'steps'> {
  const given = objective ?? shorthandSchema.parse({});
  const weights = Object.fromEntries(fromShorthand(given).map(({ kind, weight }) => [kind, weight as number]));
  return { soft: weights.kd ?? 0, hard: weights.labels ?? 0, temperature: given.temperature };
}
