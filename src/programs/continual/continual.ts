import type { Recipe } from '../../recipe/recipe.ts';
import { deliver } from '../../run/deliver.ts';
import { MismatchError } from '../../run/error.ts';
import type { Tensors } from '../../run/store.ts';
import { taskOf } from '../../run/tasks/of.ts';
import type { Workplace } from '../../run/workplace.ts';
import { defineProgram, issue } from '../define.ts';
import { coursesOf } from './courses.ts';
import { type Followed, findingsOf } from './findings.ts';
import { byClass, type Desk, firstNetwork, follow, untrained } from './follow.ts';
import { groupIssues, tasksOf } from './groups.ts';
import { continualOptions } from './options.ts';
import type { Answers } from './scores.ts';

const why = 'each task is learnt with losses of the program; take it out';
/** Keys of a recipe that the program has answers of its own for. */
const own = (recipe: Recipe): readonly (readonly [path: string, given: boolean, why: string])[] => [
  ['teacher', recipe.teacher !== undefined, 'each task is taught by the network before it; take it out'],
  ['losses', recipe.losses !== undefined, why],
  ['objective', recipe.objective !== undefined, why],
  ['stages', recipe.stages.length > 0, why],
  [
    'training.earlyStopping',
    recipe.training.earlyStopping !== undefined,
    'the new task alone cannot tell when to stop; take it out, and set training.epochs',
  ],
  ['student.initialise', recipe.student.initialise !== undefined, 'the first task starts from chance; take it out'],
];

export const continual = defineProgram({
  kind: 'continual',
  summary:
    'Groups of classes one after another, each learnt without the data of those before, and what is forgotten: LwF, replay, fine-tuning and joint training.',
  paper: 'https://arxiv.org/abs/1606.09282',
  expect:
    'Much less forgetting than fine-tuning where the task of an example is known; among all classes next to nothing without exemplars (Split-MNIST, van de Ven and Tolias 2019: 87.2 to 99.6 %, and 19.9 to 23.9 %).',
  teaches: false,
  options: continualOptions,
  check: ({ groups }, recipe) => [
    ...groupIssues(groups),
    ...own(recipe).flatMap(([path, given, because]) =>
      given ? [issue(path, `found one; expected none, since ${because}`)] : [],
    ),
  ],
  async run(options, workshop) {
    const { recipe } = workshop;
    const { train } = await workshop.openData(recipe.data);
    const { found, name } = taskOf(train);
    if (name !== 'classification' || !train.classes) {
      throw new MismatchError(`data: found ${found}; expected classes, one for each example, that can be divided into groups`);
    }
    const tasks = tasksOf(options.groups, train.classes);
    const place = await workshop.open('networks', recipe);
    const examples = examplesOf(place);
    const courses = coursesOf(options);
    const toDeliver = courses.findLast((course) => course.distils)!;
    const answers = new Map(courses.map((course) => [course, [] as (readonly Answers[])[]]));
    const before: Answers[] = [];
    let delivered: Tensors | null = null;
    for (const seed of recipe.seeds) {
      const desk: Desk = { options, workshop, place, tasks, examples, seed };
      before.push(await untrained(desk));
      const first = await firstNetwork(desk, courses[0]!);
      for (const course of courses) {
        const followed = await follow(desk, course, first);
        answers.get(course)!.push(followed.answers);
        if (course === toDeliver) delivered ??= followed.weights;
      }
    }
    const followed: Followed[] = courses.map((course) => ({ course, seeds: answers.get(course)! }));
    const findings = findingsOf({ followed, untrained: before, tasks, classes: train.classes, loss: options.loss });
    await deliver(place, delivered!, findings.sentence);
    workshop.note(
      `The student after the last task (${toDeliver.name}, seed ${recipe.seeds[0]}) is in parts/networks/student, with all of its classes.`,
    );
    for (const text of place.notes) workshop.note(text);
    return findings;
  },
});

/** @throws MismatchError unless there is something of each class to learn from and to measure on. */
function examplesOf({ splits: { train, test } }: Workplace): Desk['examples'] {
  const examples = byClass(train);
  for (const [split, all] of [
    ['train', examples],
    ['test', byClass(test)],
  ] as const) {
    const empty = train.classes!.filter((_, k) => all[k]!.length === 0);
    if (empty.length === 0) continue;
    throw new MismatchError(
      `data: found no example of ${empty.slice(0, 5).join(', ')} in the ${split} split; expected some of every class; bring more data, or take a larger split`,
    );
  }
  return examples;
}
