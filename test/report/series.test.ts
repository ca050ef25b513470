import { expect, it } from 'vitest';
import { curvesOf, pointsPerLine } from '../../src/report/series.ts';
import type { HistoryRow } from '../../src/run/record.ts';

const row = (seed: number, step: number, total: number, epoch = Math.ceil(step / 10)): HistoryRow => ({
  role: 'scratch',
  seed,
  epoch,
  step,
  split: 'train',
  total,
});
const total = (history: HistoryRow): number | undefined => history.total;

it('puts steps on an axis of epochs and averages seeds', () => {
  const [curve] = curvesOf([row(1, 5, 4), row(1, 10, 2), row(2, 5, 6), row(2, 10, 4)], total, 100);
  expect(curve).toEqual({
    role: 'scratch',
    split: 'train',
    seeds: [
      {
        seed: 1,
        points: [
          { x: 0.5, y: 4 },
          { x: 1, y: 2 },
        ],
      },
      {
        seed: 2,
        points: [
          { x: 0.5, y: 6 },
          { x: 1, y: 4 },
        ],
      },
    ],
    mean: [
      { x: 0.5, y: 5 },
      { x: 1, y: 3 },
    ],
    notFinite: 0,
  });
});

it('ends the mean where the first seed ends', () => {
  const [curve] = curvesOf([row(1, 10, 1), row(1, 20, 1), row(2, 10, 3)], total, 100);
  expect(curve?.mean).toEqual([{ x: 1, y: 2 }]);
});

it('averages a long history in equal steps and keeps its ends and its mean', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => row(1, i + 1, i));
  const [curve] = curvesOf(rows, total, 50);
  const ys = curve!.mean.map(({ y }) => y);
  expect(ys).toHaveLength(50);
  expect(ys.reduce((a, b) => a + b, 0) / 50).toBeCloseTo(499.5, 0);
  expect(curve!.mean[0]!.x).toBeLessThan(2);
  expect(curve!.mean.at(-1)!.x).toBeGreaterThan(98);
});

it('leaves gaps for what is not finite and counts it', () => {
  const [curve] = curvesOf(
    [row(1, 10, 1), row(1, 20, Number.NaN), row(1, 30, Number.POSITIVE_INFINITY), row(1, 40, 2)],
    total,
    100,
  );
  expect(curve?.notFinite).toBe(2);
  expect(curve?.mean.map(({ y }) => y)).toEqual([1, Number.NaN, Number.NaN, 2]);
});

it('keeps roles and splits apart and takes rows without steps by their epoch', () => {
  const rows: HistoryRow[] = [
    row(1, 0, 1, 1),
    { ...row(1, 0, 2, 2), split: 'validation' },
    { ...row(1, 0, 3, 3), role: 'distilled' },
  ];
  expect(curvesOf(rows, total, 100).map(({ role, split, mean }) => [role, split, mean[0]?.x])).toEqual([
    ['scratch', 'train', 1],
    ['scratch', 'validation', 2],
    ['distilled', 'train', 3],
  ]);
});

it('gives fewer points to more lines', () => {
  expect(pointsPerLine(1)).toBe(120);
  expect(pointsPerLine(500)).toBe(48);
  expect(pointsPerLine(1e6)).toBe(24);
});
