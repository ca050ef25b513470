import * as Plot from '@observablehq/plot';
import type { ReliabilityBin } from '../../run/record.ts';
import { fixed } from '../format.ts';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import type { RoleStyle } from '../roles.ts';

const margins = { marginLeft: 44, marginRight: 12 };

/** Accuracy against confidence by bin, with the diagonal of perfect calibration and, below, how the examples are spread. */
export function reliabilityChart(role: RoleStyle, bins: readonly ReliabilityBin[]): readonly Markup[] {
  const filled = bins.filter(({ count }) => count > 0);
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  const title = ({ from, to, count, confidence, accuracy }: ReliabilityBin): string =>
    `confidence ${fixed(from * 100, 0)} to ${fixed(to * 100, 0)} %: ${fixed(count, 0)} examples, says ${fixed(confidence * 100, 1)} %, right ${fixed(accuracy * 100, 1)} %`;
  const percent = (value: number): string => fixed(value * 100, 0);
  return [
    draw({
      says: `${role.label}: accuracy by confidence. ${filled.map(title).join('; ')}`,
      width: 300,
      height: 250,
      ...margins,
      marginTop: 8,
      marginBottom: 24,
      x: { domain: [0, 1], label: null, ticks: 5, tickFormat: percent },
      y: { domain: [0, 1], label: null, ticks: 5, tickFormat: percent },
      marks: [
        Plot.gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
        Plot.rect(filled, {
          x1: 'from',
          x2: 'to',
          y1: 0,
          y2: 'accuracy',
          fill: role.colour,
          fillOpacity: 0.28,
          insetLeft: 0.5,
          insetRight: 0.5,
        }),
        Plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: 'var(--soft)', strokeDasharray: '4,4' }),
        Plot.link(filled, {
          x1: 'confidence',
          x2: 'confidence',
          y1: 'confidence',
          y2: 'accuracy',
          stroke: role.colour,
          strokeWidth: 1.5,
        }),
        Plot.dot(filled, {
          x: 'confidence',
          y: 'accuracy',
          symbol: role.symbol,
          r: 4,
          fill: role.colour,
          stroke: 'var(--paper)',
          title,
        }),
      ],
    }),
    draw({
      says: `${role.label}: share of examples by confidence`,
      width: 300,
      height: 84,
      ...margins,
      marginTop: 6,
      marginBottom: 36,
      x: { domain: [0, 1], label: 'confidence, %', labelAnchor: 'center', labelArrow: 'none', ticks: 5, tickFormat: percent },
      y: { label: null, ticks: 2, tickFormat: percent, domain: [0, Math.max(0, ...filled.map(({ count }) => count / total))] },
      marks: [
        Plot.rect(filled, {
          x1: 'from',
          x2: 'to',
          y1: 0,
          y2: ({ count }: ReliabilityBin) => count / total,
          fill: role.colour,
          insetLeft: 0.5,
          insetRight: 0.5,
          title,
        }),
      ],
    }),
  ];
}
