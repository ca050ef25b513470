import type { Headline } from '../../run/tasks/define.ts';
import type { Cell, Chart, Table } from '../record.ts';
import { bootstrapBeta, fitPowerLaw, fitWithOffset, type Interval, type OffsetLaw, type PowerLaw } from './fit.ts';
import { gapsOf, type Measure, type Measured, type Pupil } from './measured.ts';

export interface LawOptions {
  readonly draws: number;
  readonly level: number;
  readonly seed: number;
}

/** A power law with its interval, and the same data with an offset. */
interface Law {
  readonly pupil: Pupil;
  readonly by: Measure;
  readonly of: Headline;
  readonly law: PowerLaw | null;
  readonly interval: Interval | null;
  readonly offset: OffsetLaw | null;
}

/** A curve explains less than this of the logarithms: it should not be called one. */
export const poor = 0.9;

/** The laws of a study: distilled students by parameters first, which is the one that is told. */
export function lawsOf(measured: Measured, { draws, level, seed }: LawOptions): readonly Law[] {
  const one = (pupil: Pupil, by: Measure, of: Headline): Law => {
    const gaps = gapsOf(measured, pupil, of, by);
    const law = fitPowerLaw(gaps);
    return {
      pupil,
      by,
      of,
      law,
      interval: law && bootstrapBeta(gaps, { draws, level, seed }),
      offset: fitWithOffset(gaps),
    };
  };
  return measured.losses.flatMap((of) => [
    one('distilled', 'parameters', of),
    one('distilled', 'macs', of),
    ...(measured.sizes.some((s) => s.scratch) ? [one('scratch', 'parameters', of)] : []),
  ]);
}

const words: Readonly<Record<Measure, string>> = { parameters: 'parameters', macs: 'multiply–accumulates' };

/** All laws as a table: each as a power law, then with an offset. */
export function lawTable(laws: readonly Law[], { level }: LawOptions): Table {
  const percent = `${Number((100 * level).toFixed(2))} %`;
  const rows = laws.flatMap(({ pupil, by, of, law, interval, offset }) => {
    const name = `${of.name}, ${pupil}, by ${words[by]}`;
    const control = pupil === 'scratch';
    const nothing = 'fewer than 3 sizes with a gap above 0';
    const power: Cell[] = law
      ? [
          law.beta,
          interval?.from ?? null,
          interval?.to ?? null,
          law.c,
          null,
          law.r2Log,
          law.r2,
          `${law.sizes}, ${law.leftOut} left out`,
        ]
      : [null, null, null, null, null, null, null, nothing];
    return [
      { name, cells: power, control },
      ...(offset
        ? [
            {
              name: `${name}, with an offset`,
              cells: [offset.beta, null, null, offset.c, offset.offset, null, offset.r2, 'all'],
              control,
            },
          ]
        : []),
    ];
  });
  return {
    title: 'Fitted laws, gap = offset + c · κ^(−β)',
    note: `κ is the size of the student as a share of the teacher's, the gap how much worse its mean over seeds is. Without an offset: least squares of the logarithms; sizes with a gap of 0 or below have none and are left out, which makes the law look flatter than it is. With an offset: least squares of the gaps of all sizes; left out where the gaps tell of none. R² of logarithms is that of the fit, R² of gaps is over all sizes and tells the two forms apart. The ${percent} interval is a bootstrap over sizes and seeds; it is on the safe side, and says nothing of sizes that were not measured.`,
    columns: [
      { title: 'β', unit: 'number' },
      { title: 'from', unit: 'number' },
      { title: 'to', unit: 'number' },
      { title: 'c', unit: 'number' },
      { title: 'offset', unit: 'number' },
      { title: 'R² of logarithms', unit: 'number' },
      { title: 'R² of gaps', unit: 'number' },
      { title: 'sizes', unit: 'number' },
    ],
    rows,
  };
}

/** Two digits after the point, with a true minus sign. */
export const plain = (value: number): string => value.toFixed(2).replace('-', '−');

/** The law that is told, in half a sentence; says so where it is none. */
export function lawWords([first]: readonly Law[], { level }: LawOptions): string {
  if (!first?.law) return 'too few sizes are behind the teacher to fit a law of their gap';
  const { law, interval, of, offset } = first;
  const range = interval
    ? ` (${Number((100 * level).toFixed(2))} % interval ${plain(interval.from)} to ${plain(interval.to)})`
    : '';
  const out = law.leftOut > 0 ? `, ${law.leftOut} of ${law.sizes + law.leftOut} sizes left out as good as the teacher` : '';
  const better =
    offset && offset.r2 > law.r2 + 0.05
      ? `; with an offset (R² of gaps ${offset.r2.toFixed(2)} against ${law.r2.toFixed(2)}) it fits better`
      : '';
  return law.r2Log < poor
    ? `a power law describes the gap in ${of.name} poorly (β ${plain(law.beta)}${range}, R² ${law.r2Log.toFixed(2)}${out})${better}`
    : `the gap in ${of.name} goes as κ^(−β) with β ${plain(law.beta)}${range}, R² ${law.r2Log.toFixed(2)}${out}${better}`;
}

const steps = 25;

/** The fitted curve between the smallest and the largest size, as numbers of κ and the gap. */
export function curveOf(law: PowerLaw, measured: Measured): readonly { readonly kappa: number; readonly gap: number }[] {
  const kappas = measured.sizes.map((s) => s.parameters / measured.teacher.cost.parameters);
  const [low, high] = [Math.min(...kappas), Math.max(...kappas)];
  return Array.from({ length: steps }, (_, i) => {
    const kappa = low * (high / low) ** (i / (steps - 1));
    return { kappa, gap: law.c * kappa ** -law.beta };
  });
}

/** Gaps over κ, both logarithmic: a power law is a line there. */
export function lawChart(measured: Measured, laws: readonly Law[], of: Headline, unit: Chart['y']['unit']): Chart {
  const series = (['distilled', 'scratch'] as const).map((pupil) => ({
    name: pupil,
    ...(pupil === 'scratch' && { style: 'control' as const }),
    points: gapsOf(measured, pupil, of, 'parameters').flatMap(({ kappa, gaps }) => {
      const y = gaps.reduce((s, g) => s + g, 0) / gaps.length;
      return y > 0 ? [{ x: kappa, y, spread: null }] : [];
    }),
  }));
  const told = laws.find((l) => l.of === of && l.pupil === 'distilled' && l.by === 'parameters')?.law;
  return {
    title: `Gap in ${of.name} by share of the teacher's parameters`,
    note: 'A power law is a line here. Sizes as good as the teacher have no place on a logarithmic axis.',
    x: { label: 'κ', unit: 'number', scale: 'log' },
    y: { label: `gap in ${of.name}`, unit, scale: 'log' },
    series: [
      ...series.filter((s) => s.points.length > 0),
      ...(told
        ? [
            {
              name: `fit, β ${plain(told.beta)}`,
              style: 'fit' as const,
              points: curveOf(told, measured).map(({ kappa, gap }) => ({ x: kappa, y: gap, spread: null })),
            },
          ]
        : []),
    ],
  };
}
