import { z } from 'zod';
import { optimizerSchema } from '../../optim/presets.ts';

/** What a recipe says under `program` for a teacher that adapts to its student. */
export const options = z.strictObject({
  kind: z.literal('meta-distil'),
  quiz: z
    .union([z.number().gt(0).lt(1), z.int().min(1)])
    .default(0.1)
    .describe(
      'Part of the train split, as a share or a count, that judges the student and that it does not learn from; the controls do',
    ),
  pilot: z
    .strictObject({
      rate: z.number().min(0).default(0.1).describe('Learning rate of the plain gradient step that is tried before each update'),
    })
    .prefault({})
    .describe('The step of the student through which the teacher learns'),
  teacher: z
    .strictObject({
      optimizer: optimizerSchema
        .prefault({ kind: 'adam', learningRate: 1e-4 })
        .describe('How the gradient of the quiz, through the pilot step, moves the teacher'),
      labels: z
        .number()
        .min(0)
        .default(0)
        .describe(
          'Weight of the teacher’s own loss on the labels of the batch, which holds it to what it knows; 0 as in the paper, where the quiz alone moves it',
        ),
    })
    .prefault({})
    .describe('How the teacher learns to teach'),
});
export type MetaDistilOptions = z.output<typeof options>;
