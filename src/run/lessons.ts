import { nearest } from '../graph/nearest.ts';
import { type Shape, showShape } from '../graph/type.ts';
import { needsOf, type ObjectiveOptions, termNames } from '../methods/combine.ts';
import type { Offer } from '../methods/define.ts';
import { type LossOptions, methodOf, methods } from '../methods/index.ts';
import { weightingOf } from '../methods/weighting/list.ts';
import { MismatchError } from './error.ts';
import type { UntaughtLesson } from './lesson.ts';
import type { Task } from './tasks/define.ts';

interface Facts {
  /** What messages call the teacher. */
  readonly teacher?: string | undefined;
  readonly offerOf: (lesson: UntaughtLesson) => Offer;
  readonly task: Pick<Task, 'name' | 'found'>;
}

/** @throws MismatchError if a loss does not fit the task, or asks for what the models do not have. */
export function checkLessons(lessons: readonly UntaughtLesson[], { teacher, offerOf, task }: Facts): void {
  for (const lesson of lessons) {
    checkTask(lesson.objective, lesson.path, task);
    checkTaps(lesson.objective.losses, offerOf(lesson), lesson.path, teacher);
  }
}

/** What teachers say of classes can be repaired. */
const repairTasks: readonly string[] = ['classification'];

/** @throws MismatchError if something is for another task than the data poses. */
function checkTask({ losses, repairs = [] }: ObjectiveOptions, where: string, task: Facts['task']): void {
  const fits = (entry: { readonly tasks: readonly string[] }): boolean => entry.tasks.includes(task.name);
  const wrong = [
    ...losses.flatMap((options, i) => {
      const rules = options.examples.map(weightingOf).filter((rule) => !fits(rule));
      return [
        ...(fits(methodOf(options)) ? [] : [`${where}.${i}: the loss '${options.kind}'`]),
        ...rules.map((rule) => `${where}.${i}.examples: the rule '${rule.by}'`),
      ];
    }),
    ...repairs.flatMap(({ repair }, i) => (repairTasks.includes(task.name) ? [] : [`repairs.${i}: '${repair}'`])),
  ];
  if (wrong.length === 0) return;
  const use = methods.filter((m) => fits(m)).map((m) => m.kind);
  throw new MismatchError(
    `${wrong.map((what) => `${what} does not fit data with ${task.found}`).join('\n')}\nlosses that do: ${use.join(', ')} (potstill methods tells more)`,
  );
}

/** @throws MismatchError with every tap that a loss asks for and a model does not have, and the nearest it has. */
function checkTaps(losses: readonly LossOptions[], offer: Offer, where: string, teacher = 'the teacher'): void {
  const names = termNames(losses);
  const problems = losses.flatMap((options, i) => {
    const needs = needsOf({ losses: [options] }, offer);
    const missing = (side: string, taps: readonly string[], offered: ReadonlyMap<string, Shape>): string[] =>
      taps
        .filter((tap) => !offered.has(tap))
        .map((tap) => `${where}: '${names[i]}' taps '${tap}' of ${side}, which has no such tensor${suggestions(tap, offered)}`);
    return [...missing('the student', needs.student, offer.student), ...missing(teacher, needs.teacher, offer.teacher)];
  });
  if (problems.length > 0) {
    throw new MismatchError(
      `${problems.join('\n')}\nname other tensors in the loss, or give inner tensors of the teacher a role with teacher.taps (potstill inspect lists them)`,
    );
  }
}

const suggestions = (tap: string, offered: ReadonlyMap<string, Shape>): string => {
  const near = nearest(tap, offered.keys(), 4).map((name) => `${name} ${showShape(offered.get(name)!)}`);
  return near.length > 0 ? `; the nearest are ${near.join(', ')}` : '';
};
