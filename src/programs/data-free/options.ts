import { z } from 'zod';
import type { RecipeIssue } from '../../recipe/error.ts';
import { methodSchema, settledMethod } from '../../synthesis/methods/settled.ts';
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
    .describe('File that `potstill collect` wrote where the data is, for methods that reproduce statistics'),
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
export function checkMethods({ methods }: DataFreeOptions): readonly RecipeIssue[] {
  const titles = new Map<string, number>();
  return methods.flatMap((given, i): readonly RecipeIssue[] => {
    const path = `program.methods.${i}`;
    try {
      const { title } = settledMethod(given);
      const before = titles.get(title);
      titles.set(title, i);
      return before === undefined
        ? []
        : [issue(path, `found '${title}' a second time; expected methods with names of their own; give it another with name`)];
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      return error.issues.map((e) =>
        issue(`${path}.${e.path.join('.')}`, `${e.message}; a custom method names all of its parts`),
      );
    }
  });
}
