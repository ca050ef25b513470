import type { Results, Side, Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';
import { compare, told, unitOf } from '../findings.ts';
import type { Chart, Findings, Series, Table } from '../record.ts';
import { teacherIn } from '../shared-teacher.ts';

/** Students of one teacher, all seeds. */
export interface Taught {
  /** What the teacher's model is called. */
  readonly teacher: string;
  readonly results: Results;
  /** Headline on validation, by seed. */
  readonly validation: readonly number[];
  /** Their mean, higher is better: what is chosen by. */
  readonly score: number;
  /** Epoch of its training at which the teacher was taken; null: the best on validation. */
  readonly epoch: number | null;
}

/** The teacher whose students do best on validation; the first of equals. */
export const bestOf = (all: readonly Taught[]): Taught => all.reduce((best, t) => (t.score > best.score ? t : best));

/** Which teacher was best for the student, by strength and by length of training; one of the two may be empty. */
export function findingsOf(
  strengths: readonly Taught[],
  lengths: readonly Taught[],
  { note, one }: { note(text: string): void /** Lengths are epochs of one training. */; readonly one: boolean },
): Findings {
  const all = [...strengths, ...lengths];
  const { headline } = all[0]!.results;
  const scratch = all.find((t) => t.results.scratch)?.results.scratch ?? null;
  const usual = lengths.at(-1) ?? strengths[0]!;
  const { name } = headline;
  note(
    'Each teacher was trained once: how its students differ over seeds says nothing of how another training of the same teacher would teach.',
  );
  const control = scratch?.metrics[name] ?? null;
  const unit = unitOf(name);
  const chosen = bestOf(all);
  const tables = [
    ...(strengths.length > 1
      ? [table('Teachers of different strength', strengths, headline, 'The best epoch of each teacher on validation.', scratch)]
      : []),
    ...(lengths.length > 0
      ? [
          table(
            `Length of the training of ${lengths[0]!.teacher}`,
            lengths,
            headline,
            one ? 'One training, looked at after these epochs.' : 'A training of its own for each, whose schedule ends there.',
            scratch,
          ),
        ]
      : []),
  ];
  return {
    sentence: [
      ...(lengths.length > 0 ? [stopWords(lengths, headline)] : []),
      ...(strengths.length > 1 ? [strengthWords(strengths, headline)] : []),
    ].join(' '),
    figures: [
      ...(control ? [{ value: control, unit, words: `student from scratch, ${name}` }] : []),
      { value: studentScore(usual), unit, words: `student of ${called(usual)}` },
      {
        value: studentScore(chosen),
        unit,
        words: `student of the best teacher on validation (${called(chosen)})`,
      },
    ],
    tables,
    charts: [
      strengthChart(strengths, lengths, headline, control),
      ...(lengths.length > 0 ? [lengthChart(lengths, headline, control)] : []),
    ],
  };
}

const teacherScore = ({ results }: Taught, metric: string): number => teacherIn(results).metrics[metric]!.mean;
const studentScore = ({ results }: Taught): Spread => results.distilled.metrics[results.headline.name]!;
/** A teacher in words. */
const called = (taught: Taught): string =>
  taught.epoch === null ? taught.teacher : `${taught.teacher} after epoch ${taught.epoch}`;

/** When the teacher should have stopped. */
function stopWords(lengths: readonly Taught[], headline: Headline): string {
  const [best, last] = [bestOf(lengths), lengths.at(-1)!];
  if (best === last)
    return `No earlier epoch of the teacher does better than the last, ${last.epoch}, by its students on validation.`;
  const { words, better } = compare(headline, studentScore(best), studentScore(last));
  return `By its students on validation the teacher should have stopped after epoch ${best.epoch} of ${last.epoch}: they reach ${told(headline.name, studentScore(best).mean)} on test, ${words} from those of the last epoch${verdict(better)}.`;
}

const verdict = (better: boolean | null): string =>
  better === null ? ', no more than chance' : better ? '' : ', so that the choice was wrong';

/** Whether the strongest teacher is the best one. */
function strengthWords(strengths: readonly Taught[], headline: Headline): string {
  const { name, higherIsBetter } = headline;
  const sign = higherIsBetter ? 1 : -1;
  const strongest = strengths.reduce((a, b) => (sign * teacherScore(b, name) > sign * teacherScore(a, name) ? b : a));
  const best = bestOf(strengths);
  const say = (t: Taught): string => `${called(t)}, ${told(name, teacherScore(t, name))}`;
  if (best === strongest) return `The strongest teacher (${say(strongest)}) is also the best for this student on validation.`;
  const { words, better } = compare(headline, studentScore(best), studentScore(strongest));
  return `The best teacher for this student on validation (${say(best)}) is not the strongest (${say(strongest)}): ${words} on test${verdict(better)}.`;
}

function table(title: string, all: readonly Taught[], { name }: Headline, about: string, scratch: Side | null): Table {
  const best = bestOf(all);
  const unit = unitOf(name);
  const extra = ['nll', 'agreement'].filter((metric) => metric in all[0]!.results.distilled.metrics && metric !== name);
  return {
    title,
    note: `${about} The choice is by the students' mean on validation; the other numbers are of the test split.`,
    columns: [
      { title: 'teacher', unit },
      { title: 'student, validation', unit },
      { title: 'student', unit },
      ...extra.map((metric) => ({ title: `${metric === 'agreement' ? metric : `student, ${metric}`}`, unit: unitOf(metric) })),
      { title: '', unit: 'number' as const },
    ],
    rows: [
      ...(scratch
        ? [
            {
              name: 'from scratch',
              control: true,
              cells: [
                null,
                null,
                scratch.metrics[name]!,
                ...extra.map((m) => (m === 'agreement' ? null : (scratch.metrics[m] ?? null))),
                null,
              ],
            },
          ]
        : []),
      ...all.map((t) => ({
        name: t.epoch === null ? t.teacher : `epoch ${t.epoch}`,
        cells: [
          teacherScore(t, name),
          spreadOf(t.validation),
          studentScore(t),
          ...extra.map((metric) => t.results.distilled.metrics[metric]!),
          t === best ? 'chosen' : null,
        ],
      })),
    ],
  };
}

/** A level line. */
const level = (name: string, xs: readonly number[], { mean, spread }: Spread): Series => ({
  name,
  style: 'control',
  points: [Math.min(...xs), Math.max(...xs)].map((x) => ({ x, y: mean, spread })),
});

function strengthChart(
  strengths: readonly Taught[],
  lengths: readonly Taught[],
  { name }: Headline,
  control: Spread | null,
): Chart {
  const points = (all: readonly Taught[]): Series['points'] =>
    all
      .map((t) => ({ x: teacherScore(t, name), y: studentScore(t).mean, spread: studentScore(t).spread }))
      .sort((a, b) => a.x - b.x);
  const xs = [...strengths, ...lengths].map((t) => teacherScore(t, name));
  return {
    title: `Test ${name} of the student by that of its teacher`,
    x: { label: `teacher, ${name}`, unit: unitOf(name) },
    y: { label: `student, ${name}`, unit: unitOf(name) },
    series: [
      { name: 'teachers of different size', points: strengths.length > 1 ? points(strengths) : [] },
      { name: 'epochs of one teacher', points: points(lengths) },
      ...(control ? [level('student from scratch', xs, control)] : []),
    ].filter((s) => s.points.length > 0),
  };
}

function lengthChart(lengths: readonly Taught[], { name }: Headline, control: Spread | null): Chart {
  const xs = lengths.map((t) => t.epoch!);
  return {
    title: `Test ${name} by epochs of the teacher`,
    x: { label: 'epochs of the teacher', unit: 'number' },
    y: { label: name, unit: unitOf(name) },
    series: [
      { name: 'student', points: lengths.map((t) => ({ x: t.epoch!, y: studentScore(t).mean, spread: studentScore(t).spread })) },
      ...(control ? [level('student from scratch', xs, control)] : []),
      {
        name: 'teacher',
        style: 'control',
        points: lengths.map((t) => ({ x: t.epoch!, y: teacherScore(t, name), spread: null })),
      },
    ],
  };
}
