import { z } from 'zod';
import { optimizerSchema } from '../../optim/presets.ts';
import { orderNames } from './meta-step.ts';

/** What a recipe says under `program` for meta-learning. */
export const options = z.strictObject({
  kind: z.literal('meta'),
  ways: z.int().min(2).default(5).describe('Classes of a task'),
  newClasses: z
    .int()
    .min(2)
    .default(5)
    .describe('How many classes, the last of the data, are kept for new tasks: no student sees them before'),
  orders: z
    .array(z.enum(orderNames))
    .min(1)
    .default(['first', 'second'])
    .describe(
      'What is meta-learnt: second: the gradient goes through the steps of adaptation (MAML); first: it does not (FOMAML); reptile: towards the adapted weights',
    ),
  shots: z.array(z.int().min(1)).min(1).default([1, 5, 10]).describe('Examples of each class of a new task'),
  training: z
    .strictObject({
      episodes: z.int().min(1).default(2000).describe('Tasks in all'),
      shots: z.int().min(1).default(5).describe('Examples of each class to adapt on'),
      queries: z.int().min(1).default(10).describe('Examples of each class to be judged by'),
      steps: z.int().min(1).max(20).default(1).describe('Steps of adaptation'),
      rate: z.number().positive().default(0.1).describe('Learning rate of adaptation'),
      optimizer: optimizerSchema
        .prefault({ kind: 'adam', learningRate: 2e-3, accumulate: 2 })
        .describe('How the gradients of tasks move the start; `accumulate` tasks an update'),
    })
    .prefault({})
    .describe('Meta-training, on tasks of the other classes'),
  adaptation: z
    .strictObject({
      steps: z.int().min(1).max(50).default(10).describe('Steps of adaptation to a new task'),
      rates: z
        .array(z.number().positive())
        .min(1)
        .default([0.003, 0.01, 0.03, 0.1, 0.3])
        .describe('Learning rates, of which each start gets the best on tasks of classes that it knows'),
      tasks: z.int().min(1).default(100).describe('New tasks to measure on'),
      queries: z.int().min(1).default(15).describe('Test examples of each class of a task'),
    })
    .prefault({})
    .describe('What is measured: every start adapts to the same new tasks'),
});
export type MetaOptions = z.output<typeof options>;
