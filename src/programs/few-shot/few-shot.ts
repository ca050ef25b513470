import { z } from 'zod';
import type { Recipe } from '../../recipe/recipe.ts';
import { scoreTeacher } from '../../run/score-teacher.ts';
import type { Task } from '../../run/tasks/define.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue, needsOwnTeacher, type Workshop } from '../define.ts';
import { fewOf, means, oneTrainingOnly, shortly } from '../few-examples.ts';
import { onLabels, taughtBy } from '../recipes.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { findings, type Measured } from './report.ts';
import { openSubject, type Subject } from './subject.ts';

const options = z.strictObject({
  kind: z.literal('few-shot'),
  shots: z.array(z.int().min(1)).min(1).default([1, 5, 10]).describe('Examples of each class that there are'),
  steps: z.int().min(1).default(200).describe('Updates of every student that is trained'),
  ridge: z
    .number()
    .positive()
    .default(0.01)
    .describe('Pull of the fit towards leaving a layer as it is, in mean variances of its outputs'),
  head: z.boolean().default(true).describe('Align the layer that answers too, not only those before it'),
  layers: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      'Layers of the teacher that layers of the student stand for, where their names differ: { layer1.0.conv2: layer1.2.conv2 }',
    ),
});
export type FewShotOptions = z.output<typeof options>;

export const fewShot = defineProgram({
  kind: 'few-shot',
  summary:
    'A thinner student cut out of the teacher and aligned with it layer by layer, in closed form, on a few examples of each class (FSKD).',
  paper: 'https://arxiv.org/abs/1812.01839',
  expect:
    'More than soft targets from the same cut, in seconds instead of minutes, and most of all with one picture of a class; with many examples training catches up.',
  teaches: false,
  options,
  check: (_, recipe) => [
    ...needsOwnTeacher(recipe, 'the student is cut out of its weights'),
    ...oneTrainingOnly(recipe),
    ...(recipe.student.preprocess
      ? [
          issue(
            'student.preprocess',
            'found it; expected none: a student that is cut out of its teacher gets its input as the teacher does; take it out',
          ),
        ]
      : []),
  ],
  async run(o, workshop) {
    const { recipe } = workshop;
    const task = taskOf((await workshop.openData(recipe.data)).train);
    const teacher = await sharedTeacher(workshop, task);
    const full = { ...recipe, teacher };
    const subject = await openSubject(full, workshop.options);
    const score = await workshop.remember('teacher', async () => (await scoreTeacher(full, workshop.options)).metrics);
    const measured: Measured[] = [];
    const total = recipe.seeds.length * o.shots.length;
    for (const seed of recipe.seeds) {
      for (const shots of o.shots) {
        workshop.progress('few shots', measured.length, total);
        measured.push(await measure(o, workshop, { task, subject, recipe: full, seed, shots }));
      }
    }
    return findings(task.headline, o, { teacher: score, measured });
  },
});

interface Place {
  readonly task: Task;
  readonly subject: Subject;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly shots: number;
}

/** Everything that is made of the same few examples. */
async function measure(o: FewShotOptions, workshop: Workshop, { task, subject, recipe, seed, shots }: Place): Promise<Measured> {
  const data = fewOf(recipe.data, shots, seed);
  const { train } = await workshop.openData(data);
  const student = { ...recipe.student, preprocess: subject.preprocess };
  const few = shortly({ ...recipe, data, student }, { steps: o.steps, examples: train.size, seed });
  const name = `seed-${seed}/shots-${shots}`;
  const kd = taughtBy(few, recipe.teacher!);
  const { teacher } = recipe;
  // The teacher stays, so that agreement with it is measured; nothing is asked of it.
  const labels = { ...onLabels(few, task), teacher: teacher!, controls: { scratch: false } };
  const cut = async () => Object.fromEntries(subject.cut.weights);
  let aligned: Awaited<ReturnType<Subject['align']>> | null = null;
  const alignedWeights = async () => {
    aligned ??= await subject.align(train, o);
    return aligned;
  };
  const trained = async (part: string, run: Recipe, start?: typeof cut) =>
    means(
      (await workshop.run(`${name}/${part}`, run, { ...(start && { start }), delivers: part === 'aligned-kd' })).results.distilled
        .metrics,
    );
  const key = name.replace('/', '-');
  return {
    seed,
    shots,
    ways: {
      'labels-chance': await trained('labels-chance', labels),
      'kd-chance': await trained('kd-chance', kd),
      cut: await workshop.remember('cut', () => subject.score(subject.cut.weights)),
      'labels-cut': await trained('labels-cut', labels, cut),
      'kd-cut': await trained('kd-cut', kd, cut),
      aligned: await workshop.remember(`${key}-aligned`, async () => subject.score((await alignedWeights()).weights)),
      'aligned-kd': await trained('aligned-kd', kd, async () => Object.fromEntries((await alignedWeights()).weights)),
    },
    layers: await workshop.remember(`${key}-layers`, async () => (await alignedWeights()).layers),
  };
}
