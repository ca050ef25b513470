import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue } from '../define.ts';
import { findings } from './findings.ts';
import { privilegedOptions } from './options.ts';
import { type Repetition, repeat } from './repetition.ts';

export const privileged = defineProgram({
  kind: 'privileged',
  summary:
    'A teacher that sees more of each example than the student, now or ever: temperature and imitation weight are swept against the same student on its own.',
  paper: 'https://arxiv.org/abs/1511.03643',
  expect:
    'Much where what is privileged is close to the truth behind noisy labels, or says which features count (§5: 88 → 95 and 89 → 97 %); nothing where it differs from example to example and the student cannot follow (55 → 56 %).',
  teaches: false,
  options: privilegedOptions,
  check: (_, recipe) => [
    ...(recipe.teacher ? [] : [issue('teacher', 'missing; expected one that sees more than the student (teacher.preprocess)')]),
    ...(recipe.losses
      ? [issue('losses', 'found losses; expected none, since program.temperatures and program.imitation say what is learnt')]
      : []),
    ...(recipe.stages.length > 0
      ? [issue('stages', 'found stages; expected none: the students of a sweep have one training each')]
      : []),
    ...(recipe.student.initialise
      ? [issue('student.initialise', 'found it; expected none: every student of a sweep starts from the seed')]
      : []),
  ],
  async run(o, workshop) {
    const repetitions: Repetition[] = [];
    for (const seed of workshop.recipe.seeds)
      repetitions.push(await workshop.remember(`seed-${seed}`, () => repeat(workshop, seed, o)));
    const { train } = await workshop.openData(workshop.recipe.data);
    return findings(taskOf(train).headline, repetitions, o);
  },
});
