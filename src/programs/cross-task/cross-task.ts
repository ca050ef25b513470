import { z } from 'zod';
import { dataSchema } from '../../data/sources.ts';
import { type LossOptions, lossSchema } from '../../methods/index.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { inputOf } from '../../run/input.ts';
import type { Tensors } from '../../run/store.ts';
import type { Task } from '../../run/tasks/define.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue, type Workshop } from '../define.ts';
import { fewOf, means, oneTrainingOnly, shortly } from '../few-examples.ts';
import { onLabels, taughtBy } from '../recipes.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { weightsIn } from '../weights-in.ts';
import { findings, type Measured } from './report.ts';

const options = z.strictObject({
  kind: z.literal('cross-task'),
  labels: z.array(z.int().min(1)).min(1).default([1, 5, 10, 50]).describe('Labelled examples of each class that there are'),
  source: dataSchema
    .optional()
    .describe('What the teacher is trained on, where the recipe trains it: other classes, or other data of the same shape'),
  unlabelled: z
    .boolean()
    .default(true)
    .describe('Also imitate the teacher on all examples of the train split first, their labels unseen'),
  steps: z.int().min(1).default(300).describe('Updates on the labelled examples'),
});
export type CrossTaskOptions = z.output<typeof options>;

export const crossTask = defineProgram({
  kind: 'cross-task',
  summary:
    'A student of one task learns from a teacher of another: features and relations, which need no common classes, and a few labels of its own; swept over their number.',
  paper: 'https://arxiv.org/abs/1412.6550',
  expect:
    'A large gain over the same few labels alone where the tasks look at the same things, most of all with the fewest labels; little or none once labels are plenty, or where the data differ.',
  teaches: false,
  options,
  check: (_, recipe) => [
    ...oneTrainingOnly(recipe),
    ...(recipe.teacher ? [] : [issue('teacher', 'found none; expected one, of whatever classes; add it')]),
    ...(recipe.losses && !recipe.objective
      ? []
      : [
          issue(
            recipe.objective ? 'objective' : 'losses',
            'found soft targets, which need the classes of the teacher; expected losses that compare features or relations (hint, at, sp, rkd-distance, …); name them in `losses`',
          ),
        ]),
  ],
  async run(o, workshop) {
    const { recipe } = workshop;
    const splits = await workshop.openData(recipe.data);
    const task = taskOf(splits.train);
    const other = { ...recipe, data: o.source ?? recipe.data };
    const teacher = await sharedTeacher({ ...workshop, recipe: other }, taskOf((await workshop.openData(other.data)).train));
    const preprocess = inputOf(recipe.student.preprocess, splits.train).spec;
    const whole = taughtBy({ ...recipe, student: { ...recipe.student, preprocess } }, teacher);
    const measured: Measured[] = [];
    for (const seed of recipe.seeds) {
      const start = o.unlabelled ? await imitated(workshop, whole, task, seed) : null;
      for (const labels of o.labels) measured.push(await measure(o, workshop, { whole, task, seed, labels, start }));
    }
    return findings(task.headline, o, measured);
  },
});

type Start = () => Promise<Tensors>;

/** The student after it has imitated the teacher on all examples, without a look at their labels. */
async function imitated(workshop: Workshop, whole: Recipe, task: Task, seed: number): Promise<Start> {
  const name = `seed-${seed}/features`;
  const { losses: learnt } = split(whole, task);
  // Without labels there is nothing to validate on: the last epoch counts.
  const data = { ...whole.data, validation: 0 } as Recipe['data'];
  await workshop.run(name, { ...whole, data, losses: learnt, seeds: [seed], examples: 0 });
  return () => weightsIn(workshop, name, seed);
}

/** What is learnt of the teacher, and what of labels. */
function split({ losses = [] }: Recipe, task: Task): { readonly losses: readonly LossOptions[]; readonly hard: LossOptions } {
  const usual = task.hardLoss!(0);
  const hard = losses.find((l) => l.kind === usual.kind) ?? lossSchema.parse(usual);
  return { losses: losses.filter((l) => l !== hard), hard };
}

interface Place {
  readonly whole: Recipe;
  readonly task: Task;
  readonly seed: number;
  readonly labels: number;
  readonly start: Start | null;
}

/** Everything that is made of the same few labels. */
async function measure(
  { steps }: CrossTaskOptions,
  workshop: Workshop,
  { whole, task, seed, labels, start }: Place,
): Promise<Measured> {
  const data = fewOf(whole.data, labels, seed);
  const { train } = await workshop.openData(data);
  const few = shortly({ ...whole, data }, { steps, examples: train.size, seed });
  const { losses, hard } = split(whole, task);
  const both = { ...few, losses: [...losses, hard] };
  const name = `seed-${seed}/labels-${labels}`;
  const run = async (part: string, recipe: Recipe, from: Start | null = null) =>
    means((await workshop.run(`${name}/${part}`, recipe, from ? { start: from } : {})).results.distilled.metrics);
  return {
    seed,
    labels,
    ways: {
      scratch: await run('scratch', onLabels(few, task)),
      together: await run('together', both),
      ...(start && { features: await run('features-first', both, start) }),
    },
  };
}
