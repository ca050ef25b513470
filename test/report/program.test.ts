import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Series } from '../../src/programs/record.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import { madeUp } from './program-record.ts';

const line = (name: string, style: NonNullable<Series['style']> = 'measured'): Series => ({
  name,
  style,
  points: [0, 0.5, 1].map((x) => ({ x, y: x * x, spread: 0.01 })),
});

/** A report with one chart of these lines, and a table with a row for each. */
function reportOf(series: readonly Series[]) {
  const page = renderProgram(
    {
      ...madeUp([]),
      tables: [
        {
          title: 'Students',
          columns: [{ title: 'accuracy', unit: 'percent' }],
          rows: series.map(({ name, style }) => ({ name, cells: [0.5], ...(style === 'control' && { control: true }) })),
        },
      ],
      charts: [
        {
          title: 'On the way',
          x: { label: 'steps', unit: 'percent' },
          y: { label: 'accuracy', unit: 'percent' },
          series,
        },
      ],
    },
    'name: lines\n',
  );
  const { document } = parseHTML(page);
  const all = (selector: string) => [...document.querySelectorAll(selector)];
  return {
    all,
    /** Of each line its mark in the legend. */
    legend: all('.legend').map((list) =>
      [...list.querySelectorAll('svg')].map((mark) => ({
        shape: mark.innerHTML,
        fill: mark.getAttribute('fill'),
      })),
    )[0]!,
  };
}

describe('controls of a program', () => {
  const { all, legend } = reportOf([line('noise', 'control'), line('student')]);

  it('are told apart in tables', () => {
    expect(all('table.plain tr.control').map((row) => row.querySelector('th')!.textContent)).toEqual(['noise']);
    expect(all('style').some(({ textContent }) => textContent!.includes('tr.control > * { color: var(--soft)'))).toBe(true);
  });

  it('have hollow marks, in the chart as in the legend', () => {
    expect(legend.map(({ fill }) => fill === 'none')).toEqual([true, false]);
    const hollow = all('[fill="var(--paper)"][stroke-width="2"]').map((group) => group.children.length);
    expect(hollow.length).toBeGreaterThan(0);
    expect(hollow.every((dots) => dots === 3)).toBe(true);
  });

  it('are dashed, and others are not', () => {
    const dashes = all('[aria-label="line"]').map((drawn) => drawn.getAttribute('stroke-dasharray'));
    expect(dashes).toContain('6,4');
    expect(dashes).toContain(null);
  });
});

describe('lines of a program', () => {
  it('differ in colour or mark up to a dozen', () => {
    const { legend } = reportOf(Array.from({ length: 12 }, (_, i) => line(`method ${i}`)));
    expect(new Set(legend.map(({ shape, fill }) => `${shape} ${fill}`)).size).toBe(12);
    expect(new Set(legend.slice(0, 6).map(({ shape }) => shape)).size).toBe(6);
    expect(new Set(legend.slice(0, 6).map(({ fill }) => fill)).size).toBe(6);
  });

  it('that were fitted have neither marks nor a band', () => {
    const { all } = reportOf([line('fitted', 'fit')]);
    expect(all('[aria-label="dot"] > *').length).toBe(0);
    expect(all('[aria-label="area"] > *').length).toBe(0);
    expect(all('[aria-label="line"]')[0]!.getAttribute('stroke-dasharray')).toBe('2,3');
  });

  it('stand over plain numbers of the unit that the axis names', () => {
    const { all } = reportOf([line('student')]);
    const ticks = all('[aria-label="x-axis tick label"] text').map((t) => t.textContent);
    expect(ticks).toContain('50');
    expect(ticks.every((t) => /^\d+$/.test(t))).toBe(true);
  });
});
