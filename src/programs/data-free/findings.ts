import type { Spread } from '../../run/record.ts';
import type { Task } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';
import type { Measure } from '../../synthesis/measures/measured.ts';
import { compare, over, told, unitOf } from '../findings.ts';
import type { Chart, Figure, Findings, Gallery, Series, Table } from '../record.ts';
import type { Followed } from './follow.ts';

/** A method with all seeds. */
export interface Compared {
  readonly title: string;
  readonly control: boolean;
  readonly seeds: readonly Followed[];
}

/** What is known from real data, where there are any. */
export interface Real {
  /** Test metrics of the teacher; null where it predicts other classes. */
  readonly teacher: Readonly<Record<string, number>> | null;
  /** Headlines of students that learnt from the data: with the teacher, and from labels alone. */
  readonly withData: { readonly distilled: Spread; readonly scratch: Spread | null } | null;
}

export interface Facts {
  readonly task: Pick<Task, 'headline'>;
  readonly compared: readonly Compared[];
  /** Null where there is no real data at all. */
  readonly real: Real | null;
  readonly galleries: readonly Gallery[];
}

const metric = (seeds: readonly Followed[], name: string): Spread =>
  over(
    seeds.map((s) => s.test!),
    name,
  );

/**
 * The method that did best: by real validation examples where there are any, else by agreement with the teacher on what it made up; the
 * test split chooses nothing.
 */
export function bestOf({ compared, task }: Pick<Facts, 'compared' | 'task'>): Compared {
  const sign = task.headline.higherIsBetter ? 1 : -1;
  const value = ({ seeds }: Compared): number => {
    const validated = seeds.flatMap((s) => s.curve.at(-1)?.real ?? []);
    return validated.length === seeds.length ? sign * spreadOf(validated).mean : spreadOf(seeds.map((s) => s.agreement)).mean;
  };
  const learning = compared.filter((c) => !c.control);
  return (learning.length > 0 ? learning : compared).reduce((a, b) => (value(b) > value(a) ? b : a));
}

/** Tables, charts and a sentence of a comparison. */
export function findings(facts: Facts): Findings {
  const best = bestOf(facts);
  return {
    ...(facts.real ? withReal(facts, best, facts.real) : withoutReal(best)),
    tables: [...(facts.real ? [results(facts, facts.real)] : []), synthetic(facts)],
    charts: charts(facts),
    galleries: facts.galleries,
  };
}

function withReal(
  { task: { headline } }: Facts,
  best: Compared,
  { teacher, withData }: Real,
): Pick<Findings, 'sentence' | 'figures'> {
  const { name } = headline;
  const unit = unitOf(name);
  const value = metric(best.seeds, name);
  const figures: Figure[] = [{ value, unit, words: `without the data: ${best.title}` }];
  if (withData) figures.unshift({ value: withData.distilled, unit, words: 'the same student, distilled with the data' });
  if (teacher) figures.unshift({ value: teacher[name]!, unit, words: 'teacher' });
  const against = withData && compare(headline, value, withData.distilled);
  return {
    sentence:
      `Without any of the data, ${best.title} gives a student of ${told(name, value.mean)} ${name}` +
      `${teacher ? `; its teacher has ${told(name, teacher[name]!)}` : ''}` +
      `${against ? `. Against the same student distilled with the data (${told(name, withData!.distilled.mean)}) that is ${against.words}` : ''}.`,
    figures,
  };
}

function withoutReal(best: Compared): Pick<Findings, 'sentence' | 'figures'> {
  const agreement = spreadOf(best.seeds.map((s) => s.agreement));
  return {
    sentence:
      `The student of ${best.title} says what its teacher says of ${told('agreement', agreement.mean)} of new made-up examples. ` +
      'That is no accuracy: how both do on real examples is not known, since there are none here.',
    figures: [{ value: agreement, unit: 'percent', words: `agreement with the teacher on new made-up examples: ${best.title}` }],
  };
}

/** What real examples say. */
function results({ compared, task: { headline } }: Facts, { teacher, withData }: Real): Table {
  const { name } = headline;
  const unit = unitOf(name);
  const agrees = compared.some((c) => c.seeds[0]!.test!.agreement !== undefined);
  const columns = [
    { title: name, unit },
    ...(agrees ? ([{ title: 'agreement with the teacher', unit: 'percent' }] as const) : []),
    { title: 'time', unit: 'seconds' } as const,
  ];
  const row = (title: string, cells: readonly (Spread | number | null)[], control: boolean) => ({
    name: title,
    cells: [cells[0]!, ...(agrees ? [cells[1] ?? null] : []), cells[2] ?? null],
    ...(control && { control }),
  });
  return {
    title: 'Students, measured on real examples that no method has seen',
    note: 'Controls: noise that nothing was learnt from, and students that had the data.',
    columns,
    rows: [
      ...compared.map(({ title, control, seeds }) =>
        row(
          title,
          [metric(seeds, name), agrees ? metric(seeds, 'agreement') : null, spreadOf(seeds.map((s) => s.seconds))],
          control,
        ),
      ),
      ...(withData ? [row('distilled with the data', [withData.distilled], true)] : []),
      ...(withData?.scratch ? [row('from labels alone', [withData.scratch], true)] : []),
      ...(teacher ? [row('teacher', [teacher[name]!], true)] : []),
    ],
  };
}

/** What can be said without real examples. */
function synthetic({ compared }: Facts): Table {
  const measures = compared[0]!.seeds[0]!.measures;
  const of = (seeds: readonly Followed[], name: string): Spread | null => {
    const values = seeds.flatMap((s) => s.measures.find((m: Measure) => m.name === name)?.value ?? []);
    return values.length === seeds.length ? spreadOf(values) : null;
  };
  return {
    title: 'What was made up',
    note: 'Agreement: how often the student says what the teacher says, of new made-up examples; it is no accuracy. Coverage, balance and confidence are what the teacher says of them; the Vendi score is about how many different examples there are.',
    columns: [{ title: 'agreement', unit: 'percent' }, ...measures.map(({ name, unit }) => ({ title: name, unit }))],
    rows: compared.map(({ title, control, seeds }) => ({
      name: title,
      cells: [spreadOf(seeds.map((s) => s.agreement)), ...measures.map((m) => of(seeds, m.name))],
      ...(control && { control }),
    })),
  };
}

/** How students grow on the way. */
function charts({ compared, real, task: { headline } }: Facts): Chart[] {
  const series = (value: (point: Followed['curve'][number]) => number | null): Series[] =>
    compared.flatMap(({ title, control, seeds }): Series[] => {
      const points = seeds[0]!.curve.flatMap(({ share }, i) => {
        const values = seeds.flatMap((s) => (s.curve[i] ? (value(s.curve[i]) ?? []) : []));
        if (values.length < seeds.length) return [];
        const { mean, spread } = spreadOf(values);
        return [{ x: share, y: mean, spread }];
      });
      return points.length > 0 ? [{ name: title, points, style: control ? 'control' : 'measured' }] : [];
    });
  const x = { label: 'share of the student’s steps', unit: 'percent' } as const;
  const onReal = real ? series((p) => p.real) : [];
  return [
    ...(onReal.length > 0
      ? [
          {
            title: `${headline.name} on real validation examples`,
            note: 'Measured to be told: no method knows of it.',
            x,
            y: { label: headline.name, unit: unitOf(headline.name) },
            series: onReal,
          },
        ]
      : []),
    {
      title: 'Agreement with the teacher on made-up examples',
      note: 'Examples of the moment, which adversarial methods make as hard as they can; no accuracy.',
      x,
      y: { label: 'agreement', unit: 'percent' },
      series: series((p) => p.agreement),
    },
  ].filter((chart) => chart.series.length > 0) as Chart[];
}
