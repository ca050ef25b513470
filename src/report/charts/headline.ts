import * as Plot from '@observablehq/plot';
import type { Results } from '../../run/record.ts';
import type { Markup } from '../html.ts';
import { measured, metricOf, spelled } from '../metrics.ts';
import { draw } from '../plot.ts';
import { distilled, type RoleStyle, rolesIn, scratch } from '../roles.ts';

/** Where the names of the rows stand: beside them, or above them where the screen is narrow. */
interface Layout {
  readonly rowHeight: number;
  readonly left: number;
  readonly right: number;
  readonly name: { readonly dx: number; readonly dy: number };
  readonly value: { readonly dx: number; readonly dy: number; readonly textAnchor: 'start' | 'end' };
  readonly ticks: number;
}

const wide: Layout = {
  rowHeight: 56,
  left: 96,
  right: 156,
  name: { dx: -96, dy: 0 },
  value: { dx: 24, dy: 0, textAnchor: 'start' },
  ticks: 8,
};

const narrow: Layout = {
  rowHeight: 82,
  left: 9,
  right: 9,
  name: { dx: -9, dy: -25 },
  value: { dx: 9, dy: -25, textAnchor: 'end' },
  ticks: 4,
};

/** Every model on one axis of the headline metric: seeds small, the mean large, the spread as a band, the gain as an arrow. */
export function headlineChart(results: Results, width: number): Markup {
  const metric = metricOf(results, results.headline.name);
  const layout = width > 600 ? wide : narrow;
  const rows = rolesIn(results)
    .flatMap((role) => rowOf(results, role))
    .map((row, i) => ({ ...row, row: i }));
  const ends = rows.flatMap(({ mean, spread, seeds }) => [mean - spread, mean + spread, ...seeds]).filter(Number.isFinite);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const pad = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return draw({
    says: rows.map(({ role, text }) => `${role.label}: ${text}`).join('. '),
    width,
    height: rows.length * layout.rowHeight + 50,
    marginTop: 4,
    marginBottom: 46,
    marginLeft: layout.left,
    marginRight: layout.right,
    x: {
      domain: ends.length > 0 ? [low - pad, high + pad] : [0, 1],
      label: `${metric.axis} · ${metric.higherIsBetter ? 'higher is better →' : '← lower is better'}`,
      labelArrow: 'none',
      labelAnchor: 'center',
      labelOffset: 40,
      ticks: layout.ticks,
    },
    y: { type: 'linear', domain: [rows.length - 0.5, -0.5], axis: null },
    marks: [
      Plot.ruleY(rows, { y: 'row', stroke: 'var(--line)' }),
      rows.map(({ role, mean, row }) =>
        Plot.link([0], { x1: mean, x2: mean, y1: row, y2: rows.length - 0.5, stroke: role.colour, strokeDasharray: '2,4' }),
      ),
      rows.map(marks),
      gain(results, rows, high - low),
      rows.map(({ role, row, text }) => [
        label(role.label, 'left', row, { ...layout.name, textAnchor: 'start', fill: role.colour, className: 'name' }),
        label(text, 'right', row, { ...layout.value, className: 'value' }),
      ]),
    ],
  });
}

interface Row {
  readonly role: RoleStyle;
  readonly row: number;
  readonly mean: number;
  readonly spread: number;
  readonly seeds: readonly number[];
  readonly text: string;
}

function rowOf(results: Results, role: RoleStyle): readonly Omit<Row, 'row'>[] {
  const metric = metricOf(results, results.headline.name);
  const value = measured(role.side(results), metric.name);
  if (value === undefined) return [];
  const vary = metric.margin(value) !== null;
  return [
    {
      role,
      mean: metric.scaled(value.mean),
      spread: vary ? metric.scaled(value.spread ?? 0) : 0,
      seeds: vary ? value.perSeed.map(metric.scaled) : [],
      text: spelled(metric, value),
    },
  ];
}

function marks({ role: { colour, symbol }, row, mean, spread, seeds }: Row): Plot.Markish {
  const itself = (value: number): number => value;
  return [
    Plot.link(spread > 0 ? [0] : [], {
      x1: mean - spread,
      x2: mean + spread,
      y1: row,
      y2: row,
      stroke: colour,
      strokeOpacity: 0.22,
      strokeWidth: 20,
      strokeLinecap: 'butt',
    }),
    Plot.dot([mean], { x: itself, y: row, symbol, r: 8, fill: colour, stroke: 'var(--panel)', strokeWidth: 1.5 }),
    Plot.dot(seeds, { x: itself, y: row, symbol, r: 3, stroke: colour, fill: 'var(--panel)', strokeWidth: 1.5 }),
  ];
}

function label(text: string, frameAnchor: Plot.FrameAnchor, y: number, options: Plot.TextOptions): Plot.Markish {
  return Plot.text([text], {
    frameAnchor,
    y,
    text: [text],
    fill: 'var(--ink)',
    stroke: 'var(--panel)',
    strokeWidth: 4,
    ...options,
  });
}

function gain(results: Results, rows: readonly Row[], range: number): Plot.Markish {
  const [from, to] = [scratch, distilled].map((role) => rows.find((row) => row.role === role));
  const { difference } = results.verdict;
  if (from === undefined || to === undefined || difference === null) return null;
  const y = (from.row + to.row) / 2;
  const ends = { x1: from.mean, x2: to.mean, y1: y, y2: y, stroke: 'var(--ink)', strokeWidth: 1.5 };
  const long = Math.abs(to.mean - from.mean) > range * 0.05;
  const text = metricOf(results, results.headline.name).change(difference.mean);
  return [
    long ? Plot.arrow([0], { ...ends, headLength: 7, headAngle: 50 }) : Plot.link([0], ends),
    Plot.text([text], {
      x: (from.mean + to.mean) / 2,
      y,
      text: [text],
      dy: -11,
      className: 'value',
      fill: 'var(--ink)',
      stroke: 'var(--panel)',
      strokeWidth: 4,
    }),
  ];
}
