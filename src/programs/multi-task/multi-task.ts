import { defineProgram, issue } from '../define.ts';
import { oneTrainingOnly } from '../few-examples.ts';
import { alone } from './alone.ts';
import { options } from './options.ts';
import { findings } from './report.ts';
import { openTasks } from './tasks.ts';
import { together } from './together.ts';

export const multiTask = defineProgram({
  kind: 'multi-task',
  summary:
    'Several tasks, each with a teacher of its own, into one student: one trunk, a head for each task, batches drawn over all of them.',
  paper: 'https://arxiv.org/abs/1907.04829',
  expect:
    'About as good on each task as a student of its own, at the size of one; related tasks help each other, unlike ones compete for a small trunk.',
  teaches: true,
  options,
  check: ({ also, name }, recipe) => [
    ...(recipe.losses
      ? [issue('losses', 'found some; expected none, since each head has its own; use `objective` for their mixture')]
      : []),
    ...(recipe.training.augment.length > 0
      ? [issue('training.augment', 'found some; expected none, since teachers are asked once about each example; take them out')]
      : []),
    ...oneTrainingOnly(recipe),
    ...also.flatMap((task, i) =>
      [name, ...also.slice(0, i).map((t) => t.name)].includes(task.name)
        ? [issue(`program.also.${i}.name`, `found '${task.name}' a second time; expected a name for each task`)]
        : [],
    ),
  ],
  async run(o, workshop) {
    const tasks = await openTasks(o, workshop);
    const own = await alone(workshop, tasks);
    const joint = await together(o, workshop, tasks);
    return findings(tasks, { own, joint });
  },
});
