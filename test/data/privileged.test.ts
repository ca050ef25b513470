import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { load } from './fixture.ts';

const open = (experiment: string, options: object = {}) => load({ kind: 'privileged', experiment, testSize: 3000, ...options });

/** Raw numbers: features, what is privileged, and −1 or 1 for the class. */
function raw(set: Dataset, i: number) {
  const row = Object.entries(set.row(i)!);
  const of = (prefix: string): number[] => row.flatMap(([name, v]) => (name.startsWith(prefix) ? [Number(v)] : []));
  return { x: of('x'), privileged: of('privileged'), sign: set.label(i) === 1 ? 1 : -1 };
}
const all = (set: Dataset) => Array.from({ length: set.size }, (_, i) => raw(set, i));
const correlation = (a: readonly number[], b: readonly number[]): number => {
  const [ma, mb] = [a, b].map((v) => v.reduce((s, x) => s + x, 0) / v.length) as [number, number];
  const dot = (f: (i: number) => number): number => a.reduce((s, _, i) => s + f(i), 0);
  return dot((i) => (a[i]! - ma) * (b[i]! - mb)) / Math.sqrt(dot((i) => (a[i]! - ma) ** 2) * dot((i) => (b[i]! - mb) ** 2));
};

describe('privileged sets', () => {
  it('have the sizes of the paper, columns by name, and other draws for another seed', async () => {
    const { train, validation, test } = await load({ kind: 'privileged' });
    expect([train.size, validation.size, test.size, train.example.shape[0]]).toEqual([200, 200, 10_000, 51]);
    const names = train.example.layout === 'vector' ? train.example.columns.map((c) => c.name) : [];
    expect([names[0], names[49], names[50]]).toEqual(['x0', 'x49', 'privileged0']);
    const again = await load({ kind: 'privileged', seed: 1 });
    expect(again.train.row(0)).not.toEqual(train.row(0));
    expect((await load({ kind: 'privileged' })).train.row(7)).toEqual(train.row(7));
  });

  it('clean-labels: the side of the border before noise of deviation 1', async () => {
    const rows = all((await open('clean-labels')).test);
    const wrong = rows.filter(({ privileged: [side], sign }) => side! * sign < 0);
    // P(flip) = arctan(1 / |α|) / π with |α| near 7.
    expect(wrong.length / rows.length).toBeGreaterThan(0.03);
    expect(wrong.length / rows.length).toBeLessThan(0.065);
    expect(Math.max(...wrong.map(({ privileged: [side] }) => Math.abs(side!)))).toBeLessThan(4.5);
  });

  it('clean-features: the features before noise as large as they are', async () => {
    const rows = all((await open('clean-features')).test);
    expect(rows[0]!.privileged).toHaveLength(50);
    const noise = rows.map(({ x, privileged }) => x[3]! - privileged[3]!);
    expect(noise.reduce((s, v) => s + v * v, 0) / noise.length).toBeCloseTo(1, 0);
    expect(
      correlation(
        rows.map((r) => r.x[3]!),
        rows.map((r) => r.privileged[3]!),
      ),
    ).toBeCloseTo(Math.SQRT1_2, 1);
  });

  it('relevant-features: three of the features, the same for all examples, that settle the class', async () => {
    const { train, test } = await open('relevant-features');
    const places = raw(test, 0).privileged.map((v) => raw(test, 0).x.indexOf(v));
    for (const { x, privileged } of [...all(test).slice(0, 50), ...all(train).slice(0, 50)])
      expect(privileged).toEqual(places.map((j) => x[j]!));
    expect(new Set(places).size).toBe(3);
  });

  it('sample-features: three of the features, others for each example', async () => {
    const rows = all((await open('sample-features')).test);
    const places = rows.map(({ x, privileged }) => privileged.map((v) => x.indexOf(v)).join());
    expect(places.every((p) => !p.includes('-1'))).toBe(true);
    expect(new Set(places).size).toBeGreaterThan(2500);
  });
});
