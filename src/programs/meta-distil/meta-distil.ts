import type { RecipeIssue } from '../../recipe/error.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { deliver } from '../../run/deliver.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue, needsOwnTeacher } from '../define.ts';
import { oneTrainingOnly } from '../few-examples.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { adaptedAt, followSeed, ofSeed } from './follow-seed.ts';
import { options } from './options.ts';
import { findings, type Measured } from './report.ts';
import { openSchool, refuseOtherData } from './school.ts';

export const metaDistil = defineProgram({
  kind: 'meta-distil',
  summary:
    'A teacher that learns to teach: it is moved so that a step of the student towards it does better on a quiz, by gradients through that step (MetaDistil).',
  paper: 'https://arxiv.org/abs/2106.04570',
  expect:
    'A little more than soft targets of the teacher as it was (up to about one point there), at several times the cost of a step; the teacher itself may get worse while it teaches better.',
  teaches: false,
  options,
  check: (_, recipe) => [
    ...needsOwnTeacher(
      recipe,
      'its weights are trained on; a file can be trained on by teacher: { kind: train, model: { kind: onnx, model: … } }',
    ),
    ...oneTrainingOnly(recipe),
    ...unsupported(recipe),
  ],
  async run(o, workshop) {
    const { recipe } = workshop;
    const { train } = await workshop.openData(recipe.data);
    refuseOtherData(train);
    const teacher = await sharedTeacher(workshop, taskOf(train));
    const school = await openSchool({ ...recipe, teacher }, workshop.options);
    const before = await workshop.remember('teacher', () => school.teacher.score(school.teacher.weights, 'test'));
    const measured: Measured[] = [];
    for (const seed of recipe.seeds) measured.push(await followSeed(o, workshop, school, seed));
    const found = findings(o, { before, measured, task: school.task });
    const best = measured.reduce((a, b) => (b.delivered.value > a.delivered.value ? b : a));
    await deliver(await workshop.open(adaptedAt(best.seed), ofSeed(recipe, best.seed)), best.delivered.weights, found.sentence);
    workshop.note(`The student of the teacher that adapts (seed ${best.seed}) is in parts/${adaptedAt(best.seed)}/student.`);
    return found;
  },
});

/** What an unrolled step cannot carry, each with why. */
const unsupported = ({ losses, balance, repairs, training }: Recipe): readonly RecipeIssue[] =>
  (
    [
      [
        'losses',
        losses,
        'every student learns by `objective`, soft targets and labels, that gradients of gradients are taken of',
      ],
      ['repairs', repairs.length > 0, 'the teacher adapts through its answers as they are'],
      ['balance', balance !== 'none', 'the objective says how soft targets and labels are mixed'],
      ['training.earlyStopping', training.earlyStopping, 'all students take as many steps'],
      ['training.keep', training.keep, 'the weights of the best epoch on validation are kept'],
      ['training.optimizer.ema', training.optimizer.ema, 'the pilot step starts from the weights themselves'],
    ] as const
  ).flatMap(([path, given, because]) => (given ? [issue(path, `found it; expected none, since ${because}; take it out`)] : []));
