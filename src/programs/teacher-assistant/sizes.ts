import type { Dataset } from '../../data/dataset.ts';
import { countParameters } from '../../models/build.ts';
import type { Recipe, StudentModelOptions } from '../../recipe/recipe.ts';
import { inputOf, shapeFor } from '../../run/input.ts';
import { openModel } from '../../run/student-model.ts';
import type { Workshop } from '../define.ts';

/** Models by the number of their parameters on some data, the largest first. */
export async function largestFirst(
  models: readonly StudentModelOptions[],
  { student }: Recipe,
  train: Dataset,
  { runtime, dataFolder: folder = '.', hub }: Workshop['options'],
): Promise<readonly StudentModelOptions[]> {
  const shape = shapeFor(inputOf(student.preprocess, train), train);
  const counted: { readonly options: StudentModelOptions; readonly parameters: number }[] = [];
  for (const options of models) {
    const model = await openModel(options, shape, { runtime, folder, hub });
    await model.prepare?.([1, ...shape.input]);
    counted.push({ options, parameters: countParameters(model, shape) });
  }
  return counted.sort((a, b) => b.parameters - a.parameters).map(({ options }) => options);
}
