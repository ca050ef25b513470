import * as Plot from '@observablehq/plot';
import { clipped, fixed, signed } from '../format.ts';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import { distilled, scratch, teacher } from '../roles.ts';

/** Accuracies in percent, null where not measured; `change` is distilled − scratch in points. */
export interface ClassRow {
  readonly name: string;
  readonly teacher: number | null;
  readonly scratch: number | null;
  readonly distilled: number | null;
  readonly change: number | null;
}

// The result is filled and in front, what it is measured against is hollow, so that all can be seen where they meet.
const marks = [
  { ...teacher, r: 5.5, fill: 'var(--paper)', stroke: teacher.colour },
  { ...scratch, r: 5.5, fill: 'var(--paper)', stroke: scratch.colour },
  { ...distilled, r: 4.5, fill: distilled.colour, stroke: 'none' },
];

/** One line a class: where scratch, distilled and teacher stand, and the way from scratch to distilled. */
export function perClassChart(rows: readonly ClassRow[], width: number): Markup {
  const values = rows.flatMap((row) => marks.flatMap(({ role }) => row[role] ?? []));
  const low = Math.max(0, Math.min(100, ...values) - 3);
  const changes = rows.some(({ change }) => change !== null);
  const phone = width < 600;
  const at = (_: ClassRow, i: number): number => i;
  return draw({
    says: `Accuracy of ${rows.length} classes: ${rows.map((row) => `${row.name} ${row.distilled === null ? 'not measured' : `${fixed(row.distilled, 1)} %`}`).join(', ')}`,
    width,
    height: rows.length * 26 + 48,
    marginTop: 4,
    marginBottom: 44,
    marginLeft: phone ? 92 : 150,
    marginRight: changes ? 62 : 14,
    x: {
      domain: [low, Math.max(...values, low + 1)],
      nice: true,
      label: 'accuracy, %',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 38,
      ticks: phone ? 4 : 8,
    },
    y: { type: 'linear', domain: [-0.5, rows.length - 0.5], reverse: true, axis: null },
    marks: [
      Plot.gridX({ ticks: phone ? 4 : 8, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.link(
        rows.filter((row) => row.change !== null),
        {
          x1: 'scratch',
          x2: 'distilled',
          y1: (row: ClassRow) => rows.indexOf(row),
          y2: (row: ClassRow) => rows.indexOf(row),
          stroke: 'var(--soft)',
          strokeWidth: 2,
          strokeOpacity: 0.55,
        },
      ),
      marks.map(({ role, symbol, label, r, fill, stroke }) =>
        Plot.dot(rows, {
          x: role,
          y: at,
          symbol,
          r,
          fill,
          stroke,
          strokeWidth: 1.75,
          title: (row: ClassRow) => `${row.name}, ${label.toLowerCase()}: ${fixed(row[role] ?? Number.NaN, 1)} %`,
        }),
      ),
      Plot.text(rows, {
        frameAnchor: 'left',
        y: at,
        text: (row: ClassRow) => clipped(row.name, phone ? 12 : 20),
        dx: phone ? -88 : -146,
        textAnchor: 'start',
        title: 'name',
      }),
      Plot.text(changes ? rows : [], {
        frameAnchor: 'right',
        y: at,
        text: (row: ClassRow) => (row.change === null ? '–' : signed(row.change, 1)),
        dx: 56,
        textAnchor: 'end',
        className: 'value',
      }),
    ],
  });
}
