import { lossSchema } from '../../methods/index.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { Workshop } from '../define.ts';
import { means } from '../few-examples.ts';
import type { Tasks } from './tasks.ts';

/** What came of a student on one task, by task and seed. */
export type ByTask = readonly (readonly Readonly<Record<string, number>>[])[];

/** A student of its own for each task, trained as long on its data: the control. */
export async function alone(workshop: Workshop, { all, input, soft }: Tasks): Promise<ByTask> {
  const { teacher: _, objective: __, ...recipe } = workshop.recipe;
  const found: Readonly<Record<string, number>>[][] = [];
  for (const [i, { data, teacher }] of all.entries()) {
    found.push([]);
    for (const seed of recipe.seeds) {
      const part: Recipe = {
        ...recipe,
        data,
        ...(teacher && { teacher }),
        student: { ...recipe.student, preprocess: input.spec },
        losses: teacher ? soft : [lossSchema.parse({ kind: 'labels' })],
        controls: { scratch: false },
        seeds: [seed],
      };
      found[i]!.push(means((await workshop.run(`seed-${seed}/task-${i + 1}-alone`, part)).results.distilled.metrics));
    }
  }
  return found;
}
