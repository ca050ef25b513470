import { spreadOf } from '../../run/verdict.ts';
import { compare, told } from '../findings.ts';
import type { Chart, Findings, Table } from '../record.ts';
import type { Course } from './courses.ts';
import type { Tasks } from './groups.ts';
import type { ContinualOptions } from './options.ts';
import {
  type Accuracies,
  type Answers,
  averageAccuracy,
  backwardTransfer,
  forgetting,
  forwardTransfer,
  type Protocol,
} from './scores.ts';

/** What came of a course: answers after every task, by seed. */
export interface Followed {
  readonly course: Course;
  readonly seeds: readonly (readonly Answers[])[];
}

interface Found {
  /** The method first. */
  readonly followed: readonly Followed[];
  /** Of the untrained network, by seed. */
  readonly untrained: readonly Answers[];
  readonly tasks: Tasks;
  readonly classes: readonly string[];
  readonly loss: ContinualOptions['loss'];
}

const headline = { name: 'accuracy', higherIsBetter: true };
/** How it is said that networks were asked so: in a sentence, beside a figure, over a chart. */
const asked: Readonly<Record<Protocol, { readonly when: string; readonly beside: string; readonly over: string }>> = {
  known: { when: 'when told the task of an example', beside: 'told the task', over: 'told the task' },
  seen: { when: 'among all classes', beside: 'among all classes', over: 'among all classes seen so far' },
};
/** What each loss is for, and what it is asked besides. */
const questions: Readonly<Record<ContinualOptions['loss'], readonly [suited: Protocol, other: Protocol]>> = {
  task: ['known', 'seen'],
  seen: ['seen', 'known'],
};

const accuracies = (answers: readonly Answers[], protocol: Protocol): Accuracies => answers.map((a) => a[protocol]);
const over = ({ seeds }: Followed, protocol: Protocol, of: (r: Accuracies, seed: number) => number) =>
  spreadOf(seeds.map((answers, seed) => of(accuracies(answers, protocol), seed)));
const final = (followed: Followed, protocol: Protocol) => over(followed, protocol, (r) => averageAccuracy(r));

/** Sentence, figures, tables and charts of a sequence of tasks. */
export function findingsOf(found: Found): Findings {
  const { followed, tasks, untrained } = found;
  const [first, second] = questions[found.loss];
  const by = (key: string): Followed | undefined => followed.find(({ course }) => course.key === key);
  const [lwf, plain, joint] = [by('lwf')!, by('fine-tuning')!, by('joint')];
  const joints = (p: Protocol): string => (joint ? `; joint training comes to ${told('accuracy', final(joint, p).mean)}` : '');
  const said = (p: Protocol): string => {
    const gain = compare(headline, final(lwf, p), final(plain, p));
    const worth = p === first ? `, ${verdict(gain.better, gain.difference.spread)}` : '';
    return `on ${told('accuracy', final(lwf, p).mean)} ${asked[p].when}, ${gain.words} from fine-tuning${worth}${joints(p)}`;
  };
  return {
    sentence: `After ${tasks.length} tasks LwF is right ${said(first)}. The same networks are right ${said(second)}.`,
    figures: [first, second].flatMap((p) =>
      [lwf, plain].map((f) => ({ value: final(f, p), unit: 'percent' as const, words: `${f.course.name}, ${asked[p].beside}` })),
    ),
    tables: [
      {
        title: 'Told the task',
        note: 'After the last task; an example is classified among the classes of its own task. Forgetting is the best accuracy a task had before the last one, less that after it; forward transfer is against the untrained network. Joint training starts anew with every task, so that nothing is transferred.',
        columns: [
          { title: 'average accuracy', unit: 'percent' },
          { title: 'forgetting', unit: 'points' },
          { title: 'backward transfer', unit: 'points' },
          { title: 'forward transfer', unit: 'points' },
        ],
        rows: followed.map((f) => ({
          name: f.course.name,
          control: f.course.control,
          cells: [
            final(f, 'known'),
            ...(f.course.anew
              ? [null, null, null]
              : [
                  over(f, 'known', forgetting),
                  over(f, 'known', backwardTransfer),
                  over(f, 'known', (r, seed) => forwardTransfer(r, untrained[seed]!.known)),
                ]),
          ],
        })),
      },
      {
        title: 'Among all classes',
        note: 'The same networks after the last task; an example is classified among all classes. Tasks that have not come yet cannot be answered, so that there is no forward transfer.',
        columns: [
          { title: 'average accuracy', unit: 'percent' },
          { title: 'forgetting', unit: 'points' },
          { title: 'backward transfer', unit: 'points' },
        ],
        rows: followed.map((f) => ({
          name: f.course.name,
          control: f.course.control,
          cells: [
            final(f, 'seen'),
            ...(f.course.anew ? [null, null] : [over(f, 'seen', forgetting), over(f, 'seen', backwardTransfer)]),
          ],
        })),
      },
      ...followed.map((f) => matrixOf(f, found)),
    ],
    charts: [chartOf('known', found), chartOf('seen', found)],
  };
}

const verdict = (better: boolean | null, spread: number | null): string => {
  if (better === null) return spread === null ? 'which one seed cannot tell from chance' : 'which is within the spread';
  return better ? 'so that it helps' : 'so that it does not help';
};

/** Accuracy after each task on each task, both ways of asking. */
function matrixOf({ course, seeds }: Followed, { untrained, tasks, classes }: Found): Table {
  const cells = (protocol: Protocol, of: (seed: number) => Answers) =>
    tasks.map((_, j) => {
      const values = seeds.map((_, seed) => of(seed)[protocol][j] ?? null);
      return values.some((v) => v === null) ? null : spreadOf(values as number[]);
    });
  const rows = (protocol: Protocol, words: string) =>
    tasks.map((_, t) => ({ name: `after task ${t + 1}, ${words}`, cells: cells(protocol, (seed) => seeds[seed]![t]!) }));
  return {
    title: `${course.name}: each task`,
    note: `Accuracy on each task. ${tasks.map((task, t) => `Task ${t + 1}: ${listed(task.map((k) => classes[k]!))}`).join('; ')}.`,
    columns: tasks.map((_, t) => ({ title: `task ${t + 1}`, unit: 'percent' })),
    rows: [
      { name: 'untrained, task known', cells: cells('known', (seed) => untrained[seed]!), control: true },
      ...rows('known', 'task known'),
      ...rows('seen', 'among all'),
    ],
  };
}

const most = 8;
const listed = (names: readonly string[]): string => `${names.slice(0, most).join(', ')}${names.length > most ? ', …' : ''}`;

const chartOf = (protocol: Protocol, { followed, tasks }: Found): Chart => ({
  title: `Average accuracy over the tasks seen, ${asked[protocol].over}`,
  x: { label: 'tasks seen', unit: 'number' },
  y: { label: 'average accuracy', unit: 'percent' },
  series: followed.map((f) => ({
    name: f.course.name,
    style: f.course.control ? 'control' : 'measured',
    points: tasks.map((_, t) => {
      const { mean, spread } = over(f, protocol, (r) => averageAccuracy(r, t));
      return { x: t + 1, y: mean, spread };
    }),
  })),
});
