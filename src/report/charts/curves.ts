import * as Plot from '@observablehq/plot';
import type { Role } from '../../run/record.ts';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import { type RoleStyle, roleOf } from '../roles.ts';
import type { Curve, Point } from '../series.ts';

export interface CurvesChart {
  readonly says: string;
  readonly curves: readonly Curve[];
  /** May span orders of magnitude, and has a logarithmic axis then. */
  readonly wide: boolean;
  /** Where the kept checkpoints lie. */
  readonly kept?: readonly Kept[];
}

export interface Kept {
  readonly role: Role;
  readonly point: Point;
}

/** Lines over epochs: seeds thin, the mean thick, training dashed; each mean ends in the shape of its role. */
export function curvesChart({ says, curves, wide, kept = [] }: CurvesChart): Markup {
  const lines = curves.flatMap(linesOf);
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y)).filter(Number.isFinite);
  const [low, high] = ys.reduce(
    ([a, b], y) => [Math.min(a, y), Math.max(b, y)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  // Losses often fall by orders of magnitude in the first steps; on a straight axis the rest would be one flat line.
  const log = wide && low > 0 && high / low > 25;
  const pad = (high - low) * 0.04 || Math.abs(high) * 0.05 || 1;
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  return draw({
    says,
    width: 310,
    height: 204,
    marginLeft: 40,
    marginRight: 14,
    marginTop: 10,
    marginBottom: 36,
    x: {
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 5,
      domain: [Math.min(0, ...xs.slice(0, 1)), xs.reduce((a, x) => Math.max(a, x), 1)],
    },
    y: log
      ? {
          type: 'log',
          label: null,
          ticks: 4,
          domain: [low, high],
          tickFormat: (y: number) => (y < 0.001 ? y.toExponential(0) : String(y)),
        }
      : { label: null, ticks: 5, domain: [low - pad, high + pad] },
    marks: [
      Plot.gridY({ ticks: log ? 4 : 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      lines.map(({ role, points, thin, dashed }) =>
        Plot.line(points, {
          x: 'x',
          y: 'y',
          stroke: role.colour,
          strokeWidth: thin ? 1 : 2.25,
          strokeOpacity: thin ? 0.38 : 1,
          ...(dashed ? { strokeDasharray: thin ? '2,3' : '5,3' } : {}),
        }),
      ),
      kept.map(({ role, point }) => Plot.dot([point], { x: 'x', y: 'y', r: 4, stroke: roleOf(role).colour, strokeWidth: 1.25 })),
      lines.map(({ role, points, thin }) => {
        const end = points.findLast(({ y }) => Number.isFinite(y));
        return Plot.dot(thin || end === undefined ? [] : [end], {
          x: 'x',
          y: 'y',
          symbol: role.symbol,
          r: 4.5,
          fill: role.colour,
          stroke: 'var(--paper)',
        });
      }),
    ],
  });
}

interface Line {
  readonly role: RoleStyle;
  readonly points: readonly Point[];
  readonly thin: boolean;
  readonly dashed: boolean;
}

function linesOf({ role: name, split, seeds, mean }: Curve): Line[] {
  const role = roleOf(name);
  const dashed = split === 'train';
  const thin = seeds.length > 1 ? seeds.map(({ points }) => ({ role, points, thin: true, dashed })) : [];
  return [...thin, { role, points: mean, thin: false, dashed }];
}
