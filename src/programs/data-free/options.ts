import { z } from 'zod';
import type { RecipeIssue } from '../../recipe/error.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { folderOf, methodSchema, settledMethod } from '../../synthesis/methods/settled.ts';
import { issue } from '../define.ts';

export const options = z.strictObject({
  kind: z.literal('data-free'),
  methods: z
    .array(methodSchema)
    .min(1)
    .default(['zskt'])
    .describe('Ways of making examples up, each followed and compared: names, or objects that change parts of one'),
  statistics: z
    .string()
    .min(1)
    .optional()
    .describe(
      'For methods that reproduce statistics: the file that `potstill collect` wrote where the data is; or the word collect, to take them here from the train split, as its owner would',
    ),
  real: z
    .int()
    .min(1)
    .optional()
    .describe('So many examples of the train split may be looked at, without their labels, by methods that need some'),
  withData: z
    .boolean()
    .default(true)
    .describe('Where there is data after all: also distil with it, and train from scratch on it, to compare'),
  measurements: z.int().min(1).max(1000).default(12).describe('How often the student is measured on the way'),
  held: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.1)
    .describe(
      'Share of gathered examples that the student does not learn from: its agreement with the teacher is measured there',
    ),
  shown: z.int().min(0).max(50).default(10).describe('Examples of each class in the gallery'),
});
export type DataFreeOptions = z.output<typeof options>;

/** What the rounds of a method cannot be. */
export function checkMethods({ methods }: DataFreeOptions, { training }: Pick<Recipe, 'training'>): readonly RecipeIssue[] {
  const titles = new Map<string, number>();
  return methods.flatMap((given, i): readonly RecipeIssue[] => {
    const path = `program.methods.${i}`;
    try {
      const { title, synthesis } = settledMethod(given);
      const folder = folderOf(title);
      const before = titles.get(folder);
      titles.set(folder, i);
      const { student } = synthesis;
      const gathered = Math.min(synthesis.rounds * synthesis.batchSize, synthesis.memory);
      return [
        (before !== undefined || folder === '') &&
          issue(
            path,
            `found '${title}' ${folder === '' ? 'without a letter' : 'a second time'}; expected methods with names of their own; give it another with name`,
          ),
        student === null &&
          gathered < training.batchSize &&
          issue(
            path,
            `gathers ${gathered} examples; expected at least training.batchSize, ${training.batchSize}; raise its rounds, batchSize or memory`,
          ),
        student?.from === 'fresh' &&
          student.augment.length > 0 &&
          issue(
            `${path}.student.augment`,
            'found augmentations of examples that never leave the engine; expected student.from: memory, whose examples can be changed; add it, or take these out',
          ),
      ].filter((wrong) => wrong !== false);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      return error.issues.map((e) =>
        issue(`${path}.${e.path.join('.')}`, `${e.message}; a custom method names all of its parts`),
      );
    }
  });
}
