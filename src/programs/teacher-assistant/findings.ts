import type { Results, Spread } from '../../run/record.ts';
import type { Task } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';
import { type Comparison, compare, over, told, unitOf } from '../findings.ts';
import type { Cell, Chart, Findings, Table, Unit } from '../record.ts';
import { teacherIn } from '../shared-teacher.ts';
import type { Found, Path } from './search.ts';

/** What one seed came to. */
export interface Chain {
  /** The run of direct distillation, with the scratch control. */
  readonly direct: Results;
  /** The models of the chain, the student last; measured against the teacher at its head. */
  readonly links: readonly {
    readonly model: string;
    readonly parameters: number;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
}

interface Facts {
  readonly task: Task;
  readonly path: Path;
  /** How many models could be assistants. */
  readonly models: number;
  readonly found: Found | null;
  readonly budget: number | null;
}

/** Test metrics of one side of direct distillation over seeds; null where it was not measured. */
const ofDirect = (chains: readonly Chain[], side: 'distilled' | 'scratch', metric: string): Spread | null => {
  const found = chains.flatMap(({ direct }) => direct[side]?.metrics[metric]?.perSeed ?? []);
  return found.length > 0 ? spreadOf(found) : null;
};

/** What a chain came to beside direct distillation and scratch. */
export function findingsOf(chains: readonly Chain[], facts: Facts): Findings {
  const { task, found } = facts;
  const { headline } = task;
  const { name, higherIsBetter } = headline;
  const first = chains[0]!;
  const teacher = teacherIn(first.direct);
  const best = teacher.metrics[name]!.mean;
  const link = (i: number, metric: string): Spread =>
    over(
      chains.map((c) => c.links[i]!.metrics),
      metric,
    );
  const last = first.links.length - 1;
  const [via, direct] = [link(last, name), ofDirect(chains, 'distilled', name)!];
  const gap = ({ perSeed }: Spread): Spread => spreadOf(perSeed.map((v) => (higherIsBetter ? best - v : v - best)));
  const gain = compare(headline, via, direct);
  const gapUnit: Unit = unitOf(name) === 'percent' ? 'points' : 'number';
  const metrics = Object.keys(first.links[last]!.metrics);
  const row = (title: string, parameters: number, of: (metric: string) => Cell, headlines: Spread | null, control: boolean) => ({
    name: title,
    control,
    cells: [parameters, ...metrics.map(of), headlines && gap(headlines)],
  });
  const { parameters } = first.links[last]!;
  const scratch = ofDirect(chains, 'scratch', name);
  const table: Table = {
    title: 'Teacher, assistants and student, measured on the test split',
    note: `Agreement and divergence are with the teacher at the head of the chain, whoever taught. The gap is how much worse than that teacher's ${name} a model is.`,
    columns: [
      { title: 'parameters', unit: 'count' },
      ...metrics.map((metric) => ({ title: metric, unit: unitOf(metric) })),
      { title: 'gap', unit: gapUnit },
    ],
    rows: [
      row('teacher', teacher.cost.parameters, (metric) => teacher.metrics[metric]?.mean ?? null, null, true),
      ...first.links
        .slice(0, -1)
        .map((l, i) => row(`assistant ${i + 1}, ${l.model}`, l.parameters, (metric) => link(i, metric), link(i, name), false)),
      ...(scratch
        ? [row('student from scratch', parameters, (metric) => ofDirect(chains, 'scratch', metric), scratch, true)]
        : []),
      row('student, direct', parameters, (metric) => ofDirect(chains, 'distilled', metric), direct, true),
      ...(last > 0 ? [row(`student, by ${assistants(last)}`, parameters, (metric) => link(last, metric), via, false)] : []),
    ],
  };
  return {
    sentence: last > 0 ? sentence(facts, gain, { via, direct, gap }, last) : none(facts, direct, gap(direct)),
    figures: [
      ...(scratch ? [{ value: scratch, unit: unitOf(name), words: `student from scratch, ${name}` }] : []),
      { value: direct, unit: unitOf(name), words: 'taught by the teacher itself' },
      {
        value: via,
        unit: unitOf(name),
        words: last > 0 ? `taught by ${assistants(last)}` : 'by the chain that was found: no assistant',
      },
      { value: gap(via), unit: gapUnit, words: 'gap to the teacher' },
    ],
    tables: [table, ...(found ? [searchTable(facts, found)] : [])],
    charts: [sizesChart(chains, { teacher: best, parameters: teacher.cost.parameters }, { name, direct, scratch, link })],
  };
}

const assistants = (count: number): string => (count === 1 ? 'an assistant' : `${count} assistants`);

/** A difference in words. */
const apart = (metric: string, value: number): string =>
  unitOf(metric) === 'percent' ? `${(100 * value).toFixed(2)} points` : value.toPrecision(3);

/** Whether a difference counts, in words that follow it. */
const judged = ({ better }: Comparison): string =>
  better === null ? 'no more than chance' : better ? 'more than the spread' : 'worse by more than the spread';

function sentence(
  { task: { headline }, found, budget }: Facts,
  gain: Comparison,
  { via, direct, gap }: { readonly via: Spread; readonly direct: Spread; readonly gap: (of: Spread) => Spread },
  last: number,
): string {
  const { name } = headline;
  const how = found ? `, found with ${found.trainings} of ${budget} trainings,` : '';
  return `Taught by ${assistants(last)}${how} the student's ${name} is ${told(name, via.mean)}, ${gain.words} from direct distillation: ${judged(gain)}. Its gap to the teacher is ${apart(name, gap(via).mean)} against ${apart(name, gap(direct).mean)}.`;
}

const none = ({ task: { headline }, found, budget }: Facts, direct: Spread, gap: Spread): string =>
  `With ${found!.trainings} of ${budget} trainings no assistant was found that does better on validation than direct distillation, whose ${headline.name} is ${told(headline.name, direct.mean)}, ${apart(headline.name, gap.mean)} behind the teacher.`;

/** Chains that were tried, in their order. */
function searchTable({ models, path, task: { headline } }: Facts, { tried, trainings }: Found): Table {
  const words = (of: Path): string =>
    of.length === 1
      ? 'direct'
      : `by ${of
          .slice(0, -1)
          .map((i) => `size ${i + 1}`)
          .join(', ')}`;
  return {
    title: `Chains that were tried, by ${headline.name} on validation`,
    note: `${models} sizes could be assistants, 1 the largest; ${trainings} trainings in all. Students of the first seed; the test split played no part.`,
    columns: [
      { title: headline.name, unit: unitOf(headline.name) },
      { title: 'trainings so far', unit: 'number' },
      { title: '', unit: 'number' },
    ],
    rows: tried.map((t) => ({
      name: words(t.path),
      cells: [headline.higherIsBetter ? t.score : -t.score, t.trainings, t.path.join() === path.join() ? 'chosen' : null],
    })),
  };
}

function sizesChart(
  chains: readonly Chain[],
  { teacher, parameters }: { readonly teacher: number; readonly parameters: number },
  {
    name,
    direct,
    scratch,
    link,
  }: {
    readonly name: string;
    readonly direct: Spread;
    readonly scratch: Spread | null;
    readonly link: (i: number, metric: string) => Spread;
  },
): Chart {
  const links = chains[0]!.links;
  const own = links.at(-1)!.parameters;
  const point = (x: number, { mean, spread }: Spread) => ({ x, y: mean, spread });
  const start = { x: parameters, y: teacher, spread: null };
  return {
    title: `Test ${name} from the teacher down to the student`,
    x: { label: 'parameters', unit: 'count', scale: 'log' },
    y: { label: name, unit: unitOf(name) },
    series: [
      { name: 'chain', points: [...links.map((l, i) => point(l.parameters, link(i, name))).reverse(), start] },
      { name: 'direct', style: 'control', points: [point(own, direct), start] },
      ...(scratch ? [{ name: 'scratch', style: 'control' as const, points: [point(own, scratch)] }] : []),
    ],
  };
}
