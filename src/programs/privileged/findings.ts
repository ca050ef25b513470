import type { Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { gapRecovered } from '../../run/verdict.ts';
import { compare, over, told, unitOf } from '../findings.ts';
import type { Cell, Chart, Findings, Table } from '../record.ts';
import type { PrivilegedOptions } from './options.ts';
import { type Measured, type Repetition, type Setting, settingsOf } from './repetition.ts';

type Split = keyof Measured;

/** Position of the setting with the best mean; the first of equals. */
export function bestSetting({ higherIsBetter }: Headline, scores: readonly Spread[]): number {
  const sign = higherIsBetter ? 1 : -1;
  return scores.reduce((best, { mean }, i) => (sign * mean > sign * scores[best]!.mean ? i : best), 0);
}

const named = ({ temperature, imitation }: Setting): string => `T = ${temperature}, λ = ${imitation}`;

/** What a sweep says: the setting chosen on validation and, told as such, the one that is best on test. */
export function findings(headline: Headline, repetitions: readonly Repetition[], o: PrivilegedOptions): Findings {
  const { name } = headline;
  const unit = unitOf(name);
  const settings = settingsOf(o);
  const of = (pick: (r: Repetition) => Measured, split: Split): Spread | null =>
    repetitions.every((r) => pick(r)[split])
      ? over(
          repetitions.map((r) => pick(r)[split]!),
          name,
        )
      : null;
  const grid = (split: Split) => settings.map((_, i) => of((r) => r.taught[i]!, split));
  const [onTest, onValidation] = [grid('test') as Spread[], grid('validation')];
  const chosen = onValidation.every((s) => s !== null) ? bestSetting(headline, onValidation) : 0;
  const best = bestSetting(headline, onTest);
  const [teacher, regular] = [of((r) => r.teacher, 'test')!, of((r) => r.regular, 'test')!];
  const [distilled, luckiest] = [onTest[chosen]!, onTest[best]!];
  const gain = compare(headline, distilled, regular);
  const gap = gapRecovered(headline, teacher, regular, distilled);
  const row = (title: string, pick: (r: Repetition) => Measured, setting: Setting | null, control = false) => ({
    name: title,
    cells: [
      of(pick, 'test'),
      of(pick, 'validation'),
      setting && String(setting.temperature),
      setting && String(setting.imitation),
    ] satisfies Cell[],
    control,
  });
  const sweeps = settings.length > 1;
  const summary: Table = {
    title: 'Privileged teacher, regular student, distilled student',
    note: 'The regular student is the distilled one without a teacher (λ = 0): same input, weights to start from, steps and examples. The setting chosen on validation is what one may expect; the best on the test split, which papers report, is chosen by what it is measured on.',
    columns: [
      { title: `test ${name}`, unit },
      { title: `validation ${name}`, unit },
      { title: 'T', unit: 'number' },
      { title: 'λ', unit: 'number' },
    ],
    rows: [
      row('privileged teacher', (r) => r.teacher, null, true),
      row('regular student', (r) => r.regular, null, true),
      row(sweeps ? 'distilled, chosen on validation' : 'distilled', (r) => r.taught[chosen]!, settings[chosen]!),
      ...(sweeps ? [row('distilled, best on test', (r) => r.taught[best]!, settings[best]!)] : []),
    ],
  };
  const verdict = {
    true: 'Privileged information helped',
    false: 'Privileged information did not help',
    null: 'It is unclear whether privileged information helped',
  }[`${gain.better}`];
  return {
    sentence: `${verdict}: at ${named(settings[chosen]!)}${sweeps ? ', chosen on validation,' : ''} ${name} is ${told(name, distilled.mean)}, ${gain.words} from the student on its own (${told(name, regular.mean)}); the teacher has ${told(name, teacher.mean)}.${
      sweeps ? ` Best on test, as papers report it: ${told(name, luckiest.mean)} at ${named(settings[best]!)}.` : ''
    }`,
    figures: [
      { value: teacher, unit, words: 'teacher that sees what is privileged' },
      { value: regular, unit, words: 'student on its own' },
      { value: distilled, unit, words: `student taught at ${named(settings[chosen]!)}` },
      { value: gain.difference, unit: unit === 'percent' ? 'points' : unit, words: 'gained, seed by seed' },
      ...(gap ? [{ value: gap, unit: 'percent' as const, words: 'of the gap to the teacher recovered' }] : []),
    ],
    tables: [summary, ...(sweeps ? [gridTable('test', name, onTest, o), gridTable('validation', name, onValidation, o)] : [])],
    charts: sweeps ? [gridChart(name, onTest, regular, o)] : [],
  };
}

function gridTable(split: Split, metric: string, scores: readonly Cell[], { temperatures, imitation }: PrivilegedOptions): Table {
  return {
    title: `All settings: ${split} ${metric}`,
    note: 'A row for each temperature, a column for each imitation weight λ.',
    columns: imitation.map((weight) => ({ title: `λ = ${weight}`, unit: unitOf(metric) })),
    rows: temperatures.map((temperature, row) => ({
      name: `T = ${temperature}`,
      cells: imitation.map((_, column) => scores[row * imitation.length + column]!),
    })),
  };
}

/** Over the imitation weight with a line for each temperature, as figure 2 of the paper; over the temperature where λ is one. */
function gridChart(
  metric: string,
  scores: readonly Spread[],
  regular: Spread,
  { temperatures, imitation }: PrivilegedOptions,
): Chart {
  const at = (row: number, column: number) => scores[row * imitation.length + column]!;
  const point = (x: number, { mean, spread }: Spread) => ({ x, y: mean, spread });
  const overWeight = imitation.length > 1;
  const xs = overWeight ? imitation : temperatures;
  return {
    title: `Test ${metric} by ${overWeight ? 'imitation weight' : 'temperature'}`,
    x: overWeight ? { label: 'imitation weight λ', unit: 'number' } : { label: 'temperature', unit: 'number', scale: 'log' },
    y: { label: metric, unit: unitOf(metric) },
    series: [
      ...(overWeight
        ? temperatures.map((t, row) => ({
            name: `T = ${t}`,
            points: imitation.map((weight, column) => point(weight, at(row, column))),
          }))
        : [{ name: `λ = ${imitation[0]}`, points: temperatures.map((t, row) => point(t, at(row, 0))) }]),
      {
        name: 'student on its own',
        style: 'control' as const,
        points: [xs[0]!, xs.at(-1)!].map((x) => point(x, { ...regular, spread: null })),
      },
    ],
  };
}
