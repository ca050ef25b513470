import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue } from '../define.ts';
import { oneTrainingOnly } from '../few-examples.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { openClassroom } from './classroom.ts';
import { measureSeed } from './measure.ts';
import { options } from './options.ts';
import { findings, type Measured } from './report.ts';

export const meta = defineProgram({
  kind: 'meta',
  summary:
    'Meta-learns the weights that a student starts from, so that a few examples and the teacher suffice to adapt to new classes (MAML, FOMAML, Reptile with soft targets).',
  paper: 'https://arxiv.org/abs/1703.03400',
  expect:
    'Far better than adapting from chance with 1 to 10 examples of a class; a good ordinary pre-training on the same classes is a strong control, and first order comes close to second (§5.2 there).',
  teaches: false,
  options,
  check: (o, recipe) => [
    ...oneTrainingOnly(recipe),
    ...(recipe.teacher ? [] : [issue('teacher', 'found none; expected one that knows all classes of the data; add it')]),
    ...(recipe.losses
      ? [issue('losses', 'found some; expected none: adaptation is by `objective`, soft targets and labels')]
      : []),
    ...(o.newClasses < o.ways
      ? [issue('program.newClasses', `found ${o.newClasses}; expected at least as many as a task has classes (ways: ${o.ways})`)]
      : []),
  ],
  async run(o, workshop) {
    const task = taskOf((await workshop.openData(workshop.recipe.data)).train);
    const teacher = await sharedTeacher(workshop, task);
    const classroom = await openClassroom(o, { ...workshop.recipe, teacher }, workshop.options);
    const measured: Measured[] = [];
    for (const seed of workshop.recipe.seeds) measured.push(await measureSeed(o, workshop, classroom, seed));
    return findings(o, measured, classroom);
  },
});
