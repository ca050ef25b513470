import type { Results } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';
import { compare, told, unitOf } from '../findings.ts';
import type { Cell, Chart, Findings, Series, Table, Unit } from '../record.ts';
import { curveOf, type LawOptions, lawChart, lawsOf, lawTable, lawWords, plain } from './laws.ts';
import { keptOf, type Measured, measuredOf, type Pupil, scores } from './measured.ts';
import { byRange, type Smallest, smallestKeeping } from './retention.ts';

/** Shares of the teacher's score that are looked for. */
const shares = [0.9, 0.95, 0.99] as const;
/** The one that is told first. */
const usual = 0.95;

/** What a study found, from the runs of its sizes. */
export function findingsOf(all: readonly Results[], options: LawOptions & { note(text: string): void }): Findings {
  const measured = measuredOf(all);
  const { headline, teacher, losses } = measured;
  const laws = lawsOf(measured, options);
  for (const { of, pupil, by, law } of laws) {
    if (law && law.leftOut > 0 && by === 'parameters')
      options.note(
        `${of.name}, ${pupil}: ${law.leftOut} of ${law.leftOut + law.sizes} sizes are as good as the teacher or better; a power law knows no such gap, and was fitted to the others.`,
      );
  }
  const score = teacher.metrics[headline.name]!;
  const chief = laws[0]?.law ?? null;
  const smallest = smallestKeeping(keptOf(measured, 'distilled'), usual);
  return {
    sentence: `${adviceWords(smallest, usual, measured)}; ${lawWords(laws, options)}. ${helpWords(measured)}`,
    figures: [
      {
        value: smallest.interpolated ?? smallest.measured,
        unit: 'count',
        words: `parameters keep ${100 * usual} % of the teacher's ${headline.name}`,
      },
      { value: chief?.beta ?? null, unit: 'number', words: 'β: the gap goes as κ^(−β)' },
      { value: score, unit: unitOf(headline.name), words: `teacher, ${headline.name}` },
    ],
    tables: [sizeTable(measured), rangeTable(measured), adviceTable(measured), lawTable(laws, options)],
    charts: [
      ...losses.map((of) => scoreChart(measured, of, laws)),
      ...losses.map((of) => lawChart(measured, laws, of, differenceUnit(of.name))),
    ],
  };
}

/** Differences of shares are told in points. */
const differenceUnit = (metric: string): Unit => (unitOf(metric) === 'percent' ? 'points' : 'number');

const counted = (n: number): string =>
  n >= 1e6 ? `${Number((n / 1e6).toPrecision(3))} M` : n >= 1e4 ? `${Number((n / 1e3).toPrecision(3))} k` : String(Math.round(n));

/** How many parameters keep a share of the teacher's score, in a sentence without its end. */
function adviceWords({ measured, interpolated }: Smallest, share: number, { headline, sizes }: Measured): string {
  const what = `${100 * share} % of the teacher's ${headline.name}`;
  if (measured === null)
    return `None of the sizes keeps ${what}, not even the largest of ${counted(sizes.at(-1)!.parameters)} parameters`;
  if (interpolated === null) return `${counted(measured)} parameters keep ${what}, the smallest size measured`;
  const below = sizes.filter((s) => s.parameters < measured).at(-1)!;
  return `About ${counted(interpolated)} parameters keep ${what} (between ${counted(below.parameters)} and ${counted(measured)})`;
}

/** At how many sizes the teacher helped by more than chance. */
function helpWords({ headline, sizes }: Measured): string {
  const compared = sizes.flatMap(({ scratch, distilled }) =>
    scratch ? [compare(headline, distilled[headline.name]!, scratch[headline.name]!).better] : [],
  );
  if (compared.length === 0) return 'Whether the teacher helped was not measured.';
  const count = (found: boolean): number => compared.filter((c) => c === found).length;
  return `Distilled students are better than scratch by more than the spread over seeds at ${count(true)} of ${compared.length} sizes, worse at ${count(false)}.`;
}

function sizeTable(measured: Measured): Table {
  const { headline, teacher, sizes, losses } = measured;
  const kept = { distilled: keptOf(measured, 'distilled'), scratch: keptOf(measured, 'scratch') };
  const hasScratch = sizes.some((s) => s.scratch);
  const pupils: readonly Pupil[] = hasScratch ? ['scratch', 'distilled'] : ['distilled'];
  return {
    title: 'Sizes, measured on the test split',
    note: `Kept: the student's ${headline.name} as a share of the teacher's${headline.higherIsBetter ? '' : ', the other way round for an error'}.`,
    columns: [
      { title: 'parameters', unit: 'count' },
      { title: 'smaller', unit: 'times' },
      { title: 'fewer MACs', unit: 'times' },
      ...losses.flatMap(({ name }) => pupils.map((pupil) => ({ title: `${name}, ${pupil}`, unit: unitOf(name) }))),
      ...(hasScratch ? [{ title: 'gain', unit: differenceUnit(headline.name) }] : []),
      { title: 'kept', unit: 'percent' },
      { title: 'agreement', unit: 'percent' },
    ],
    rows: [
      {
        name: 'teacher',
        control: true,
        cells: [
          teacher.cost.parameters,
          null,
          null,
          ...losses.flatMap(({ name }) =>
            pupils.map((_, i): Cell => (i === pupils.length - 1 ? teacher.metrics[name]!.mean : null)),
          ),
          ...(hasScratch ? [null] : []),
          null,
          null,
        ],
      },
      ...sizes.map((size, i) => ({
        name: size.model,
        cells: [
          size.parameters,
          size.compression,
          teacher.cost.macs / size.macs,
          ...losses.flatMap(({ name }) => pupils.map((pupil): Cell => size[pupil]?.[name] ?? null)),
          ...(hasScratch
            ? [size.scratch ? compare(headline, size.distilled[headline.name]!, size.scratch[headline.name]!).difference : null]
            : []),
          spreadOf(kept.distilled[i]!.retention),
          size.distilled.agreement ?? null,
        ],
      })),
    ],
  };
}

function rangeTable(measured: Measured): Table {
  const [distilled, scratch] = [byRange(keptOf(measured, 'distilled')), byRange(keptOf(measured, 'scratch'))];
  return {
    title: `What is kept of the teacher's ${measured.headline.name}, by range of compression`,
    note: 'Compression is by parameters. ± is over the sizes and seeds of the range. Ranges without a size were not measured.',
    columns: [
      { title: 'sizes', unit: 'number' },
      { title: 'kept, scratch', unit: 'percent' },
      { title: 'kept, distilled', unit: 'percent' },
    ],
    rows: distilled.map(({ name, sizes, retention }, i) => ({ name, cells: [sizes, scratch[i]!.retention, retention] })),
  };
}

function adviceTable(measured: Measured): Table {
  const cells = (pupil: Pupil, share: number): readonly Cell[] => {
    const kept = keptOf(measured, pupil);
    if (kept.length === 0) return [null, null];
    const found = smallestKeeping(kept, share);
    return found.measured === null ? ['none', null] : [found.measured, found.interpolated];
  };
  return {
    title: `Smallest student that keeps a share of the teacher's ${measured.headline.name}`,
    note: 'Measured: the smallest size from which on all sizes keep it. Estimated: on a line over the logarithm of the parameters to the next smaller size; nothing where no smaller one was measured.',
    columns: ['distilled, measured', 'distilled, estimated', 'scratch, measured', 'scratch, estimated'].map((title) => ({
      title,
      unit: 'count',
    })),
    rows: shares.map((share) => ({
      name: `${100 * share} %`,
      cells: [...cells('distilled', share), ...cells('scratch', share)],
    })),
  };
}

function scoreChart(measured: Measured, of: Headline, laws: ReturnType<typeof lawsOf>): Chart {
  const { teacher, sizes } = measured;
  const best = teacher.metrics[of.name]!.mean;
  const series = (pupil: Pupil): Series['points'] =>
    scores(measured, pupil, of.name).map(({ size, score }) => ({ x: size.parameters, y: score.mean, spread: score.spread }));
  const law = laws.find((l) => l.of === of && l.pupil === 'distilled' && l.by === 'parameters')?.law;
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  const all: readonly Series[] = [
    { name: 'distilled', points: series('distilled') },
    { name: 'scratch', points: series('scratch'), style: 'control' },
    ...(law
      ? [
          {
            name: `fit, β ${plain(law.beta)}`,
            style: 'fit' as const,
            points: curveOf(law, measured).map(({ kappa, gap }) => ({
              x: kappa * teacher.cost.parameters,
              y: of.higherIsBetter ? best - gap : best + gap,
              spread: null,
            })),
          },
        ]
      : []),
    { name: 'teacher', style: 'control', points: [first, last].map((s) => ({ x: s.parameters, y: best, spread: null })) },
  ];
  return {
    title: `Test ${of.name} by size of the student`,
    note: `The teacher, of ${counted(teacher.cost.parameters)} parameters, is a level line.${law ? ` The fit is ${told(of.name, best)} and the gap c · κ^(−β).` : ''}`,
    x: { label: 'parameters', unit: 'count', scale: 'log' },
    y: { label: of.name, unit: unitOf(of.name) },
    series: all.filter((s) => s.points.length > 0),
  };
}
