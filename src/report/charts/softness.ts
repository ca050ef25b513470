import * as Plot from '@observablehq/plot';
import type { TemperatureAdvice } from '../../explain/knowledge.ts';
import { fixed } from '../format.ts';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import { teacher } from '../roles.ts';

/** Softness by temperature, the band that the rule allows, and where it says to start. */
export function softnessChart({ curve, rule, start, softness, from, to }: TemperatureAdvice, width: number): Markup {
  const percent = (share: number): string => fixed(share * 100, 0);
  const temperatures = curve.map(({ temperature }) => temperature);
  const [lowest, highest] = [temperatures[0]!, temperatures.at(-1)!];
  return draw({
    says: `Softness by temperature: ${curve.map((at) => `${at.temperature}: ${percent(at.softness)} %`).join(', ')}. Start at ${start}`,
    width,
    height: width < 600 ? 240 : 260,
    marginTop: 8,
    marginBottom: 44,
    marginLeft: 36,
    marginRight: 14,
    x: {
      type: 'log',
      domain: [lowest, highest],
      label: 'temperature',
      labelAnchor: 'center',
      labelArrow: 'none',
      labelOffset: 38,
      ticks: [1, 2, 4, 8, 16, 20].filter((t) => t >= lowest && t <= highest && t !== 20),
      tickFormat: (t: number) => String(t),
    },
    y: { domain: [0, 1], label: null, ticks: 5, tickFormat: percent },
    marks: [
      Plot.rect([0], { x1: from, x2: to, y1: 0, y2: 1, fill: teacher.colour, fillOpacity: 0.1 }),
      Plot.gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.link([rule.from, rule.start, rule.to], {
        x1: lowest,
        x2: highest,
        y1: (share: number) => share,
        y2: (share: number) => share,
        stroke: 'var(--soft)',
        strokeDasharray: '3,4',
      }),
      Plot.line(curve, { x: 'temperature', y: 'softness', stroke: teacher.colour, strokeWidth: 2.25 }),
      Plot.dot(curve, {
        x: 'temperature',
        y: 'softness',
        r: 2.5,
        fill: teacher.colour,
        title: (at: { temperature: number; softness: number }) => `T = ${at.temperature}: ${percent(at.softness)} %`,
      }),
      Plot.dot([0], { x: start, y: softness, symbol: 'diamond', r: 7, fill: 'var(--ink)', stroke: 'var(--paper)' }),
      Plot.text([0], {
        x: start,
        y: softness,
        text: [`start: T = ${start}`],
        dx: start > highest / 2 ? -12 : 12,
        dy: 14,
        textAnchor: start > highest / 2 ? 'end' : 'start',
        className: 'value',
        fill: 'var(--ink)',
        stroke: 'var(--paper)',
        strokeWidth: 4,
      }),
    ],
  });
}
