import * as Plot from '@observablehq/plot';
import type { EntropyAt } from '../../explain/knowledge.ts';
import { fixed } from '../format.ts';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import { teacher } from '../roles.ts';

const rowHeight = 58;

/** A histogram of entropy for each temperature, one above the other on one axis, with the mean of each. */
export function entropyChart(rows: readonly EntropyAt[], width: number): Markup {
  const phone = width < 600;
  const bars = rows.flatMap(({ bins }, row) => {
    const most = Math.max(...bins, 1);
    return bins.map((count, i) => ({
      x1: i / bins.length,
      x2: (i + 1) / bins.length,
      y1: row + 0.42,
      // Each row has a scale of its own: what matters is where its examples are.
      y2: row + 0.42 - (count / most) * 0.84,
      count,
    }));
  });
  const y = (_: EntropyAt, row: number): number => row;
  const percent = (share: number): string => `${fixed(share * 100, 0)} %`;
  return draw({
    says: `Entropy of the soft targets. ${rows.map(({ temperature, mean }) => `Temperature ${temperature}: mean ${percent(mean)}`).join('; ')}`,
    width,
    height: rows.length * rowHeight + 44,
    marginTop: 2,
    marginBottom: 42,
    marginLeft: phone ? 48 : 70,
    marginRight: phone ? 52 : 110,
    x: {
      domain: [0, 1],
      label: 'entropy, % of the largest possible',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 38,
      ticks: 5,
      tickFormat: (share: number) => fixed(share * 100, 0),
    },
    y: { type: 'linear', domain: [-0.5, rows.length - 0.5], reverse: true, axis: null },
    marks: [
      Plot.gridX({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.ruleY(rows, { y: (_: EntropyAt, row: number) => row + 0.42, stroke: 'var(--line)' }),
      Plot.rect(
        bars.filter(({ count }) => count > 0),
        {
          x1: 'x1',
          x2: 'x2',
          y1: 'y1',
          y2: 'y2',
          fill: teacher.colour,
          fillOpacity: 0.55,
          insetLeft: 0.5,
          insetRight: 0.5,
          title: ({ x1, x2, count }: (typeof bars)[number]) => `${percent(x1)} to ${percent(x2)}: ${fixed(count, 0)} examples`,
        },
      ),
      Plot.link(rows, {
        x1: 'mean',
        x2: 'mean',
        y1: (_: EntropyAt, row: number) => row - 0.42,
        y2: (_: EntropyAt, row: number) => row + 0.42,
        stroke: 'var(--ink)',
        strokeWidth: 2,
      }),
      Plot.text(rows, {
        frameAnchor: 'left',
        y,
        text: ({ temperature }: EntropyAt) => `T = ${temperature}`,
        dx: phone ? -46 : -68,
        textAnchor: 'start',
        className: 'value',
      }),
      Plot.text(rows, {
        frameAnchor: 'right',
        y,
        text: ({ mean }: EntropyAt) => (phone ? percent(mean) : `mean ${percent(mean)}`),
        dx: phone ? 50 : 106,
        textAnchor: 'end',
        className: 'value',
      }),
    ],
  });
}
