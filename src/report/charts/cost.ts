import * as Plot from '@observablehq/plot';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import type { RoleStyle } from '../roles.ts';

export interface CostBar {
  readonly role: RoleStyle;
  readonly value: number;
  /** A second, larger value of the same quantity (the 95th percentile), drawn as a whisker. */
  readonly upTo: number | null;
  readonly text: string;
}

/** One quantity of the models as bars from zero. */
export function costChart(says: string, bars: readonly CostBar[]): Markup {
  const values = bars.flatMap(({ value, upTo }) => [value, upTo ?? value]).filter(Number.isFinite);
  const y = (_: unknown, i: number): number => i;
  return draw({
    says: `${says}: ${bars.map(({ role, text }) => `${role.label} ${text}`).join(', ')}`,
    width: 440,
    height: bars.length * 46 + 2,
    marginTop: 0,
    marginBottom: 0,
    marginLeft: 0,
    marginRight: 4,
    x: { domain: [0, Math.max(...values, 1e-9)], axis: null },
    y: { type: 'linear', domain: [-0.5, bars.length - 0.5], reverse: true, axis: null },
    marks: [
      bars.map(({ role, value, upTo }, row) => [
        Plot.rect([0], { x1: 0, x2: value, y1: row + 0.04, y2: row + 0.36, fill: role.colour, rx: 2 }),
        Plot.link(upTo === null ? [] : [0], {
          x1: value,
          x2: upTo ?? 0,
          y1: row + 0.2,
          y2: row + 0.2,
          stroke: role.colour,
          strokeWidth: 1.5,
        }),
        Plot.link(upTo === null ? [] : [0], {
          x1: upTo ?? 0,
          x2: upTo ?? 0,
          y1: row + 0.08,
          y2: row + 0.32,
          stroke: role.colour,
          strokeWidth: 1.5,
        }),
      ]),
      Plot.text(bars, { frameAnchor: 'left', y, dy: -9, text: ({ role }: CostBar) => role.label, textAnchor: 'start' }),
      Plot.text(bars, { frameAnchor: 'right', y, dy: -9, text: 'text', textAnchor: 'end', className: 'value' }),
    ],
  });
}
