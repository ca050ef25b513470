import { z } from 'zod';
import { augmentationSchema } from '../data/augmentations.ts';
import { optimizerSchema } from '../optim/presets.ts';
import { inputsSchema } from './inputs/list.ts';
import { priorSchema } from './priors/list.ts';

/** Everything that a way of making examples up can be told. */
export const synthesisShape = {
  inputs: inputsSchema.describe('Where a batch comes from'),
  priors: z
    .array(priorSchema)
    .describe('What is expected of its examples: numbers that are made small, added with their weights'),
  batchSize: z.int().min(1).describe('Examples in a batch'),
  rounds: z.int().min(1).describe('How often the synthesiser works, and then the student'),
  steps: z.int().min(0).describe('Steps of the synthesiser in a round'),
  optimizer: optimizerSchema.describe(
    'How it learns; its schedule runs over all rounds, or over one where examples start anew in each',
  ),
  student: z
    .strictObject({
      steps: z.int().min(1).describe('Steps of the student in a round'),
      from: z
        .enum(['fresh', 'memory'])
        .default('fresh')
        .describe('fresh: on examples made in the same step; memory: on those gathered so far'),
      optimizer: optimizerSchema.optional().describe('How the student learns; `training.optimizer` unless told'),
      augment: z
        .array(augmentationSchema)
        .default([])
        .describe('What is done to examples of the memory before teacher and student see them'),
    })
    .nullable()
    .describe(
      'The student learns between the steps of the synthesiser; null: afterwards, on all that was gathered, as `training` says',
    ),
  memory: z.int().min(1).default(100_000).describe('Most examples that are gathered; the oldest go first'),
};

/** A way of making examples up. */
export const synthesisSchema = z.strictObject(synthesisShape);
export type Synthesis = z.output<typeof synthesisSchema>;
