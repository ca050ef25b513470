import * as Plot from '@observablehq/plot';
import type { Chart, Series } from '../../programs/record.ts';
import { html, type Markup, trusted } from '../html.ts';
import { draw } from '../plot.ts';
import { axisOf, numberText } from './units.ts';

/** Colours and marks by place; both differ, so that nothing depends on colour alone. */
const looks = [
  { colour: 'var(--distilled)', symbol: 'circle' },
  { colour: 'var(--scratch)', symbol: 'square' },
  { colour: 'var(--good)', symbol: 'triangle' },
  { colour: 'var(--bad)', symbol: 'diamond' },
  { colour: 'var(--teacher)', symbol: 'cross' },
  { colour: 'var(--ink)', symbol: 'star' },
] as const;

/** When the colours have been through, they come again with other marks. */
const symbolAt = (place: number): number => (place + Math.floor(place / looks.length)) % looks.length;
const lookOf = (place: number) => ({ colour: looks[place % looks.length]!.colour, symbol: looks[symbolAt(place)]!.symbol });
/** Controls are dashed and their marks hollow, fitted curves dotted. */
const dashes: Readonly<Record<NonNullable<Series['style']>, string | undefined>> = {
  measured: undefined,
  control: '6,4',
  fit: '2,3',
};

/** Lines over a quantity with a band of one standard deviation to each side. */
export function linesChart({ title, x, y, series }: Chart, width: number): Markup {
  const [across, up] = [axisOf(x.unit).factor, axisOf(y.unit).factor];
  const places = [...new Set(series.flatMap((s) => (s.style === 'fit' ? [] : s.points.map((p) => p.x * across))))].sort(
    (a, b) => a - b,
  );
  const drawn = series.map((s, i) => ({
    ...s,
    ...lookOf(i),
    dash: dashes[s.style ?? 'measured'],
    points: s.points
      .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y))
      .map((p) => ({
        x: p.x * across,
        y: p.y * up,
        low: (p.y - (p.spread ?? 0)) * up,
        high: (p.y + (p.spread ?? 0)) * up,
        at: p,
      })),
  }));
  const phone = width < 600;
  return draw({
    says: `${title}. ${series.map((s) => `${s.name}: ${s.points.map((p) => `${numberText(p.x, x.unit)}: ${numberText(p.y, y.unit)}`).join(', ')}`).join('. ')}`,
    width,
    height: phone ? 250 : 320,
    marginTop: 10,
    marginBottom: 46,
    marginLeft: 48,
    marginRight: 18,
    x: {
      type: x.scale ?? 'linear',
      label: x.label + axisOf(x.unit).suffix,
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 40,
      ...(places.length <= (phone ? 5 : 10) ? { ticks: places } : { ticks: phone ? 4 : 8 }),
      tickFormat: axisOf(x.unit).tick,
    },
    y: {
      type: y.scale ?? 'linear',
      label: null,
      ticks: 6,
      nice: true,
      tickFormat: (v: number) => String(Number(v.toPrecision(6))),
    },
    marks: [
      Plot.gridY({ ticks: 6, stroke: 'var(--line)', strokeOpacity: 1 }),
      drawn.flatMap(({ points, colour, style }) =>
        style === 'fit' ? [] : [Plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.12 })],
      ),
      drawn.map(({ points, colour, dash }) =>
        Plot.line(points, { x: 'x', y: 'y', stroke: colour, strokeWidth: 2, ...(dash && { strokeDasharray: dash }) }),
      ),
      drawn.flatMap(({ points, colour, symbol, style, name }) =>
        style === 'fit'
          ? []
          : [
              Plot.dot(points, {
                x: 'x',
                y: 'y',
                symbol,
                ...(style === 'control'
                  ? { r: 4, fill: 'var(--paper)', stroke: colour, strokeWidth: 2 }
                  : { r: 4.5, fill: colour, stroke: 'var(--paper)' }),
                title: (p: (typeof points)[number]) => `${name}: ${numberText(p.at.y, y.unit)}`,
              }),
            ],
      ),
    ],
  });
}

const shapes = [
  '<circle cx="8" cy="6" r="4"/>',
  '<rect x="4" y="2" width="8" height="8"/>',
  '<path d="M8,1l5,9h-10z"/>',
  '<path d="M8,0l5,6l-5,6l-5,-6z"/>',
  '<path d="M6.5,1h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z"/>',
  '<path d="M8,0l1.5,4.2h4.5l-3.6,2.7l1.4,4.3l-3.8,-2.7l-3.8,2.7l1.4,-4.3l-3.6,-2.7h4.5z"/>',
];

/** What each line is. */
export function legendOf({ series, y }: Chart): Markup {
  const items = series.map(({ name, style }, i) => {
    const { colour } = lookOf(i);
    const paint = style === 'control' ? `fill="none" stroke="${colour}" stroke-width="2"` : `fill="${colour}"`;
    const mark = `<svg viewBox="-1 -1 18 14" width="18" height="14" aria-hidden="true" ${paint}>${
      style === 'fit' ? `<path d="M0,5h3v2h-3zM6,5h3v2h-3zM12,5h3v2h-3z"/>` : shapes[symbolAt(i)]
    }</svg>`;
    return html`<li>${trusted(mark)}<span>${name}</span></li>`;
  });
  return html`<span class="value">${y.label}${axisOf(y.unit).suffix}</span><ul class="legend">${items}</ul>`;
}

/** Whether a chart has anything to show. */
export const isDrawn = ({ series }: Chart): boolean => series.some(({ points }) => points.length > 0);
