import type { Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { compare, over, told, unitOf } from '../findings.ts';
import type { Findings, Series } from '../record.ts';
import type { AlignedLayer } from './align.ts';

type Scores = Readonly<Record<string, number>>;

/** In the order of the table; controls are not FSKD. */
const ways = {
  'labels-chance': { name: 'labels, from chance', control: true },
  'kd-chance': { name: 'kd, from chance', control: true },
  cut: { name: 'cut out of the teacher, nothing learnt', control: true },
  'labels-cut': { name: 'labels, from the cut', control: true },
  'kd-cut': { name: 'kd, from the cut', control: true },
  aligned: { name: 'aligned in closed form', control: false },
  'aligned-kd': { name: 'aligned, then kd', control: false },
} as const;
type Way = keyof typeof ways;

/** What came of the same few examples. */
export interface Measured {
  readonly seed: number;
  readonly shots: number;
  readonly ways: Readonly<Record<Way, Scores>>;
  readonly layers: readonly AlignedLayer[];
}

interface Facts {
  readonly teacher: Scores;
  readonly measured: readonly Measured[];
}

/** Tables, chart and sentence of a study of few examples. */
export function findings(
  headline: Headline,
  { shots, steps }: { readonly shots: readonly number[]; readonly steps: number },
  facts: Facts,
): Findings {
  const { name } = headline;
  const unit = unitOf(name);
  const at = (n: number): readonly Measured[] => facts.measured.filter((m) => m.shots === n);
  const of = (way: Way, n: number): Spread =>
    over(
      at(n).map((m) => m.ways[way]),
      name,
    );
  const all = Object.keys(ways) as Way[];
  const series = (way: Way): Series => ({
    name: ways[way].name,
    points: shots.map((n) => ({ x: n, y: of(way, n).mean, spread: of(way, n).spread })),
    style: ways[way].control ? 'control' : 'measured',
  });
  const layers = at(shots.at(-1)!)[0]!.layers.map((l) => l.name);
  const layerRow = (layer: string) => ({
    name: layer,
    cells: [
      ...(['before', 'after'] as const).map((when) =>
        over(
          at(shots.at(-1)!).map(({ layers }) => ({ [when]: layers.find((l) => l.name === layer)![when] })),
          when,
        ),
      ),
    ],
  });
  const sentences = shots.map((n) => {
    const [aligned, then, kd] = [of('aligned', n), of('aligned-kd', n), of('kd-cut', n)];
    const examples = `${n} example${n === 1 ? '' : 's'} of a class`;
    return `With ${examples} the aligned student gets ${told(name, aligned.mean)}, ${compare(headline, aligned, kd).words} from kd on the same cut, and ${told(name, then.mean)} after kd, ${compare(headline, then, kd).words}.`;
  });
  return {
    sentence: sentences.join(' '),
    figures: [
      { value: facts.teacher[name] ?? null, unit, words: 'the teacher' },
      ...shots.map((n) => ({ value: of('aligned', n), unit, words: `aligned, ${n} of a class` })),
      { value: of('kd-cut', shots.at(-1)!), unit, words: `kd from the same cut, ${shots.at(-1)} of a class` },
    ],
    tables: [
      {
        title: `Test ${name} by examples of a class`,
        note: `Every seed has examples of its own. Trained students get ${steps} updates. The cut keeps the channels of the teacher with the largest filters; alignment is a least-squares fit of each layer, and trains nothing.`,
        columns: shots.map((n) => ({ title: `${n} of a class`, unit })),
        rows: all.map((way) => ({ name: ways[way].name, cells: shots.map((n) => of(way, n)), control: ways[way].control })),
      },
      {
        title: `What layers miss of the teacher's, ${shots.at(-1)} of a class`,
        note: "Share of the variance of the teacher's answer that the student's does not explain, on the few examples, when the layer's turn has come; more than all before the fit is possible.",
        columns: ['before', 'after'].map((title) => ({ title, unit: 'percent' as const })),
        rows: layers.map(layerRow),
      },
    ],
    charts: [
      {
        title: `Test ${name} by examples of a class`,
        x: { label: 'examples of a class', unit: 'count', scale: 'log' },
        y: { label: name, unit },
        series: all.map(series),
      },
    ],
  };
}
