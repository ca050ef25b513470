import { argmaxRows, type Matrix } from '../../run/metrics.ts';
import type { Tasks } from './groups.ts';

/** Shares of a test split that a network is right on, by task. */
export interface Answers {
  /** Told the task of an example: the best of that task's classes. */
  readonly known: readonly number[];
  /** Among all classes seen so far; null for tasks that have not come yet. */
  readonly seen: readonly (number | null)[];
}

/** The two ways of asking. */
export type Protocol = keyof Answers;

/**
 * How many of each task's examples are answered right after `seen` tasks; labels that are −1 count nowhere.
 *
 * @param outputs Logits of all classes, seen or not.
 */
export function answersOf(outputs: Matrix, labels: Int32Array, tasks: Tasks, seen: number): Answers {
  const among = (classes: readonly number[]) => {
    const { data, rows, width } = outputs;
    const cut = Float32Array.from({ length: rows * classes.length }, (_, i) => {
      const row = Math.floor(i / classes.length);
      return data[row * width + classes[i % classes.length]!]!;
    });
    return argmaxRows({ data: cut, rows, width: classes.length }).map((place) => classes[place]!);
  };
  const rightOn = (task: number, said: Int32Array): number => {
    let [right, all] = [0, 0];
    labels.forEach((label, row) => {
      if (!tasks[task]!.includes(label)) return;
      all++;
      if (said[row] === label) right++;
    });
    return right / all;
  };
  const whole = seen > 0 ? among(tasks.slice(0, seen).flat()) : null;
  return {
    known: tasks.map((classes, task) => rightOn(task, among(classes))),
    seen: tasks.map((_, task) => (whole && task < seen ? rightOn(task, whole) : null)),
  };
}

/** Accuracy after task i (row) on task j (column); null where it was not asked. */
export type Accuracies = readonly (readonly (number | null)[])[];

const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
const at = (r: Accuracies, i: number, j: number): number => r[i]![j]!;
/** Tasks before one. */
const before = (task: number): readonly number[] => Array.from({ length: task }, (_, i) => i);

/** Mean over the tasks seen, after task `after`. */
export const averageAccuracy = (r: Accuracies, after = r.length - 1): number =>
  mean(before(after + 1).map((j) => at(r, after, j)));

/**
 * Mean over the earlier tasks of the best accuracy that there was before the last task, less that after it: Chaudhry et al. 2018 (arXiv
 * 1801.10112) §3.2. 0 is nothing forgotten; negative where old tasks got better.
 */
export function forgetting(r: Accuracies): number {
  const last = r.length - 1;
  return mean(
    before(last).map((j) => {
      const best = Math.max(...before(last).flatMap((i) => (i >= j ? [at(r, i, j)] : [])));
      return best - at(r, last, j);
    }),
  );
}

/** Mean over the earlier tasks of what all that came later did to them: Lopez-Paz and Ranzato 2017 (arXiv 1706.08840), eq. 3. */
export const backwardTransfer = (r: Accuracies): number =>
  mean(before(r.length - 1).map((j) => at(r, r.length - 1, j) - at(r, j, j)));

/**
 * Mean over the later tasks of what those before did for them before they came, against a network that has learnt nothing: Lopez-Paz and
 * Ranzato 2017, eq. 4.
 *
 * @param untrained Accuracy of that network by task.
 */
export const forwardTransfer = (r: Accuracies, untrained: readonly number[]): number =>
  mean(before(r.length - 1).map((i) => at(r, i, i + 1) - untrained[i + 1]!));
