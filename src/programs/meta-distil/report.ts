import type { Spread } from '../../run/record.ts';
import type { Tensors } from '../../run/store.ts';
import type { Task } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';
import { compare, over, told, unitOf } from '../findings.ts';
import type { Chart, Findings, Series } from '../record.ts';
import { type ArmName, armNames, arms } from './arms.ts';
import type { MetaDistilOptions } from './options.ts';

type Scores = Readonly<Record<string, number>>;
type Curve = readonly { readonly epoch: number; readonly value: number }[];

/** What a student came to on the test split, and its teacher where that adapted; their headline on validation by epoch. */
export interface Arrived {
  readonly student: Scores;
  readonly teacher: Scores | null;
  readonly curve: Curve;
  readonly teacherCurve: Curve;
}

export interface Measured {
  readonly seed: number;
  readonly arms: Readonly<Record<ArmName, Arrived>>;
  /** Of the student whose teacher adapts, its value on validation, higher being better. */
  readonly delivered: { readonly value: number; readonly weights: Tensors };
}

interface Facts {
  /** Test metrics of the teacher as it was. */
  readonly before: Scores;
  readonly measured: readonly Measured[];
  readonly task: Pick<Task, 'headline'>;
}

/** Tables, charts and sentence of a comparison of teachers that adapt and that do not. */
export function findings(o: MetaDistilOptions, { before, measured, task: { headline } }: Facts): Findings {
  const { name } = headline;
  const unit = unitOf(name);
  const student = (arm: ArmName, metric = name): Spread =>
    over(
      measured.map((m) => m.arms[arm].student),
      metric,
    );
  const after = (metric: string): Spread =>
    over(
      measured.map((m) => m.arms.adapted.teacher!),
      metric,
    );
  const was = (metric: string): Spread => spreadOf(measured.map(() => before[metric]!));
  const metrics = Object.keys(before);
  const columns = metrics.map((metric) => ({ title: metric, unit: unitOf(metric) }));
  const [adapted, fixed, practice, scratch] = armNames.map((arm) => student(arm)) as [Spread, Spread, Spread, Spread];
  const gain = compare(headline, adapted, fixed);
  const ofTeacher = compare(headline, after(name), was(name));
  return {
    sentence:
      `The student of a teacher that adapts to it: ${told(name, adapted.mean)} ${name}, ${gain.words} from that of the teacher as it was${verdicts(gain.better)}, ` +
      `${compare(headline, adapted, practice).words} where that one too goes without the examples of the quiz, ${compare(headline, adapted, scratch).words} from labels alone. ` +
      `The teacher itself went from ${told(name, before[name]!)} to ${told(name, after(name).mean)}, ${ofTeacher.words}.`,
    figures: [
      { value: scratch, unit, words: 'student, labels alone' },
      { value: fixed, unit, words: 'student, teacher as it was' },
      { value: adapted, unit, words: 'student, teacher that adapts' },
    ],
    tables: [
      {
        title: 'Students, measured on the test split',
        note: `The same student from the same weights, with the same optimizer and for as many steps. Quiz: ${o.quiz < 1 ? `${100 * o.quiz} % of the train split` : `${o.quiz} examples`}, from which the adapting teacher learns alone; two controls learn from all examples instead.`,
        columns,
        rows: armNames.map((arm) => ({
          name: arms[arm].name,
          cells: metrics.map((metric) => student(arm, metric)),
          ...(arms[arm].control && { control: true }),
        })),
      },
      {
        title: 'The teacher, measured on the test split',
        note: 'After: as it was when its student did best on validation.',
        columns,
        rows: [
          { name: 'before', cells: metrics.map((metric) => before[metric]!), control: true },
          { name: 'after', cells: metrics.map(after) },
        ],
      },
    ],
    charts: charts(measured, name),
  };
}

const words = new Map<boolean | null, string>([
  [true, ''],
  [false, ' (worse)'],
  [null, ' (unclear)'],
]);
const verdicts = (better: boolean | null): string => words.get(better)!;

/** Over epochs; none where nothing was validated. */
function charts(measured: readonly Measured[], name: string): Chart[] {
  const series = (of: (m: Measured) => Curve, title: string, control: boolean): Series => ({
    name: title,
    points: of(measured[0]!).map(({ epoch }, i) => {
      const { mean, spread } = spreadOf(measured.map((m) => of(m)[i]!.value));
      return { x: epoch, y: mean, spread };
    }),
    style: control ? 'control' : 'measured',
  });
  if (measured[0]!.arms.adapted.curve.length === 0) return [];
  const axes = { x: { label: 'epoch', unit: 'number' }, y: { label: name, unit: unitOf(name) } } as const;
  return [
    {
      title: `Validation ${name} of the students by epoch`,
      ...axes,
      series: armNames.map((arm) => series((m) => m.arms[arm].curve, arms[arm].name, arms[arm].control)),
    },
    {
      title: `Validation ${name} of the adapting teacher by epoch`,
      ...axes,
      series: [series((m) => m.arms.adapted.teacherCurve, 'teacher', false)],
    },
  ];
}
