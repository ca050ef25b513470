import type { Behaviour } from '../run/record.ts';

export interface ConfusionCell {
  readonly count: number;
  /** Share of the true class, 0 to 1. */
  readonly share: number;
  readonly right: boolean;
  /** Shade: 0 for none, up to `confusionLevels`. */
  readonly level: number;
}

export interface Mistake {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly share: number;
}

export interface Confusion {
  readonly cells: readonly (readonly ConfusionCell[])[];
  /** Largest first. */
  readonly mistakes: readonly Mistake[];
}

// Mistakes are rare: steps grow, so that one in a hundred is already visible and one in two is not out of scale.
const steps: readonly number[] = [0.005, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 0.8];
export const confusionLevels: number = steps.length;

/** The matrix with shares by true class, shades and the mistakes in order. */
export function confusionOf(matrix: Behaviour['confusion']): Confusion {
  const cells = matrix.map((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, j): ConfusionCell => {
      const share = total > 0 ? count / total : 0;
      const level = count > 0 ? Math.max(1, steps.filter((step) => share >= step).length) : 0;
      return { count, share, right: i === j, level };
    });
  });
  const mistakes = cells
    .flatMap((row, from) =>
      row.flatMap(({ count, share, right }, to) => (right || count === 0 ? [] : [{ from, to, count, share }])),
    )
    .sort((a, b) => b.count - a.count || b.share - a.share || a.from - b.from || a.to - b.to);
  return { cells, mistakes };
}
