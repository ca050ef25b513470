import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, median, quantile } from '../../bench/statistics.mjs';

describe('quantile', () => {
  it('interpolates between neighbours', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([7], 0.9)).toBe(7);
  });

  it('leaves the values as they were', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('lies between the extremes, whatever the order', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const q = quantile(values, share);
        expect(q).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        expect(q).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        expect(quantile(values.toReversed(), share)).toBe(q);
      }),
    );
  });

  it('refuses to speak of nothing', () => {
    expect(() => quantile([], 0.5)).toThrow('internal:');
  });
});

describe('compare', () => {
  it('is above 1 where we need less', () => {
    expect(compare([{ ours: 10, theirs: 13 }]).ratio).toBeCloseTo(1.3);
  });

  it('takes ratios within pairs, so that a slow minute of both sides cancels', () => {
    const quiet = { ours: 10, theirs: 20 };
    const busy = { ours: 100, theirs: 200 };
    expect(compare([quiet, busy, busy, quiet, busy])).toEqual({ ratio: 2, spread: [2, 2], ours: 100, theirs: 200, pairs: 5 });
  });

  it('shows the quartiles of the ratio', () => {
    const pairs = [1, 2, 3, 4, 5].map((theirs) => ({ ours: 1, theirs }));
    expect(compare(pairs)).toMatchObject({ ratio: 3, spread: [2, 4] });
  });
});
