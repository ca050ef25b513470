import type { ExampleType, Spreads } from '../../data/dataset.ts';
import { spreadsBehind } from '../../data/preprocess.ts';
import type { Splits } from '../../data/split.ts';
import { usualSpreads } from '../../data/statistics.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { standardisedBy } from '../../run/input.ts';
import { preprocessOf } from '../../run/teachers/preprocess.ts';

/**
 * How the numbers of data are spread, without a look at them: as the source says (`kind: none` with `mean` and `std`), else as the
 * preprocessing of the teacher tells, which belongs to the teacher as its weights do, else as is usual.
 * @param folder That paths of the recipe start from.
 */
export async function spreadsOf({ teacher }: Pick<Recipe, 'teacher'>, splits: Splits, folder = '.'): Promise<Spreads> {
  const { spreads, example } = splits.train;
  if (spreads) return spreads;
  const usual = usualSpreads(example);
  return teacher ? spreadsBehind(await preprocessOf(teacher, { splits, folder }), example, usual) : usual;
}

/** Nothing to do for data of a layout; the preprocessing of a student for it. */
const standardisation: Readonly<Record<ExampleType['layout'], (spreads: Spreads) => Recipe['student']['preprocess']>> = {
  image: standardisedBy,
  vector: standardisedBy,
  tokens: () => undefined,
};

/** A recipe whose student is standardised by spreads that are known, where it says nothing else: so nobody looks at the training data for it. */
export function standardised(recipe: Recipe, spreads: Spreads, { layout }: ExampleType): Recipe {
  const preprocess = recipe.student.preprocess ?? standardisation[layout](spreads);
  return { ...recipe, student: { ...recipe.student, preprocess } };
}
