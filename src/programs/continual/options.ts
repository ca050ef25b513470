import { z } from 'zod';

/** What a recipe says of a sequence of tasks. */
export const continualOptions = z.strictObject({
  kind: z.literal('continual'),
  groups: z
    .union([z.int().min(1), z.array(z.array(z.union([z.int().min(0), z.string().min(1)])))])
    .describe(
      'The tasks in their order: lists of classes, by name or by index from 0; or a number: so many equal groups of the classes in their order',
    ),
  loss: z
    .enum(['task', 'seen'])
    .default('task')
    .describe(
      'task: an example is classified among the classes of its own task, a head for each task; seen: among all classes seen so far, one head that grows',
    ),
  weight: z.number().min(0).default(1).describe('Of the old answers in the loss (λ); 0 is plain fine-tuning'),
  temperature: z.number().positive().default(2).describe('Softens the old answers'),
  exemplars: z
    .union([z.int().min(0), z.literal('all')])
    .default(0)
    .describe('Examples of each old class that are kept and learnt again with every new task (replay); 0: none'),
  choose: z
    .enum(['random', 'herding'])
    .default('random')
    .describe('Which examples are kept; herding: those whose mean embedding is nearest to that of their class'),
  joint: z
    .boolean()
    .default(true)
    .describe('Also train on the data of all tasks so far together, anew for every task: what can be reached at most'),
});
export type ContinualOptions = z.output<typeof continualOptions>;
