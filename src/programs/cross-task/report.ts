import type { Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { compare, over, told, unitOf } from '../findings.ts';
import type { Findings, Series } from '../record.ts';

type Scores = Readonly<Record<string, number>>;

const ways = {
  scratch: { name: 'the labels alone', control: true },
  together: { name: 'labels and features of the same examples', control: false },
  features: { name: 'features of all examples first, then both', control: false },
} as const;
type Way = keyof typeof ways;

/** What came of the same few labels. */
export interface Measured {
  readonly seed: number;
  /** Of each class. */
  readonly labels: number;
  readonly ways: Readonly<Record<'scratch' | 'together', Scores>> & { readonly features?: Scores };
}

/** Table, chart and sentence of a sweep over numbers of labels. */
export function findings(
  headline: Headline,
  { labels, steps }: { readonly labels: readonly number[]; readonly steps: number },
  measured: readonly Measured[],
): Findings {
  const { name } = headline;
  const unit = unitOf(name);
  const present = (Object.keys(ways) as Way[]).filter((way) => measured[0]!.ways[way]);
  const of = (way: Way, n: number): Spread =>
    over(
      measured.filter((m) => m.labels === n).map((m) => m.ways[way]!),
      name,
    );
  const main = present.at(-1)!;
  const series = (way: Way): Series => ({
    name: ways[way].name,
    points: labels.map((n) => ({ x: n, y: of(way, n).mean, spread: of(way, n).spread })),
    style: ways[way].control ? 'control' : 'measured',
  });
  const [fewest, most] = [Math.min(...labels), Math.max(...labels)];
  const wordsFor = (n: number): string => {
    const { words, better } = compare(headline, of(main, n), of('scratch', n));
    const worth = better === null && measured.length > labels.length ? ', which is within the spread' : '';
    return `With ${n} label${n === 1 ? '' : 's'} of a class, ${ways[main].name}: ${told(name, of(main, n).mean)}, ${words} from the labels alone${worth}.`;
  };
  return {
    sentence: [...new Set([fewest, most])].map(wordsFor).join(' '),
    figures: [
      { value: of('scratch', fewest), unit, words: `${ways.scratch.name}, ${fewest} of a class` },
      { value: of(main, fewest), unit, words: `${ways[main].name}, ${fewest} of a class` },
    ],
    tables: [
      {
        title: `Test ${name} by labels of a class`,
        note: `The teacher was never asked for its own classes, only for what it sees. Every seed has labelled examples of its own; every student gets ${steps} updates on them.`,
        columns: labels.map((n) => ({ title: `${n} of a class`, unit })),
        rows: present.map((way) => ({ name: ways[way].name, cells: labels.map((n) => of(way, n)), control: ways[way].control })),
      },
    ],
    charts: [
      {
        title: `Test ${name} by labels of a class`,
        x: { label: 'labelled examples of a class', unit: 'count', scale: 'log' },
        y: { label: name, unit },
        series: present.map(series),
      },
    ],
  };
}
