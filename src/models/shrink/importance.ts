import type { Tensor } from '../../graph/type.ts';
import { nameIn, patternOf, type Structure } from './structure.ts';

/** How much each unit matters, larger is more: by what is counted (`width`), or by that and the layer (`heads.3`). */
export type Importance = ReadonlyMap<string, readonly number[]>;

const keyOf = (counted: string, layer: number | undefined): string => (layer === undefined ? counted : `${counted}.${layer}`);

/** The scores of what is counted in a layer. */
export const scoresIn = (importance: Importance, counted: string, layer: number | undefined): readonly number[] | undefined =>
  importance.get(keyOf(counted, layer)) ?? importance.get(counted);

interface Sums {
  readonly totals: Float64Array;
  rows: number;
}

/** Scores from what a model answers, gathered batch by batch. */
export interface ImportanceByActivations {
  /** What has to be tapped. */
  readonly roles: readonly string[];
  /** Adds a batch: values of the roles, [N, L, ...], and a mask [N, L] (1 counts, 0 is padding). */
  add(batch: ReadonlyMap<string, Tensor>, mask: ArrayLike<number>): void;
  scores(): Importance;
}

/**
 * Importance as Minitron measures it, from activations alone: the length of each unit's vector (of a single number: its size), in the
 * mean over all tokens. Channels of the width are measured on every role of theirs, and added up. Muralidharan et al. 2024 (arXiv
 * 2407.14679) §2.2.
 */
export function importanceByActivations({ layers, counted }: Structure): ImportanceByActivations {
  const watched = Object.entries(counted).flatMap(([name, { units, each, taps }]) =>
    taps.flatMap((tap) => {
      const numbers = tap.includes('*') ? Array.from({ length: layers }, (_, i) => i) : [undefined];
      const shared = taps.length > 1;
      return numbers.map((layer) => ({ role: nameIn(tap, layer), key: keyOf(name, shared ? undefined : layer), units, each }));
    }),
  );
  const sums = new Map<string, Sums>();
  return {
    roles: watched.map(({ role }) => role),
    add(batch, mask) {
      for (const { role, key, units, each } of watched) {
        const values = batch.get(role);
        if (!values) throw new Error(`internal: no activations for the role '${role}'`);
        const sum = sums.get(key) ?? { totals: new Float64Array(units), rows: 0 };
        sums.set(key, sum);
        addLengths(sum, values.data as Float32Array, mask, each);
      }
    },
    scores: () => new Map([...sums].map(([key, { totals, rows }]) => [key, Array.from(totals, (t) => t / Math.max(rows, 1))])),
  };
}

function addLengths(sum: Sums, values: Float32Array, mask: ArrayLike<number>, each: number): void {
  const units = sum.totals.length;
  for (let row = 0; row < mask.length; row++) {
    if (!mask[row]) continue;
    sum.rows++;
    for (let u = 0; u < units; u++) {
      let squares = 0;
      const from = (row * units + u) * each;
      for (let i = from; i < from + each; i++) squares += values[i]! ** 2;
      sum.totals[u]! += Math.sqrt(squares);
    }
  }
}

/** Importance from the weights alone: the length of all that belongs to a unit. For when there are no data to look at. */
export function importanceByWeights(weights: ReadonlyMap<string, Tensor>, { axes, counted }: Structure): Importance {
  const squares = new Map<string, Float64Array>();
  for (const [name, { shape, data }] of weights) {
    const { pattern, layer } = patternOf(name);
    axes[pattern]?.forEach((of, axis) => {
      const known = of === null ? undefined : counted[of];
      if (!known || known.kept === 'first') return;
      // What has a number in every layer is of that layer, unless it is measured across layers.
      const key = keyOf(of!, known.taps.length > 1 ? undefined : layer);
      const totals = squares.get(key) ?? new Float64Array(known.units);
      squares.set(key, totals);
      const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      const size = shape[axis]!;
      for (let i = 0; i < data.length; i++) {
        totals[Math.floor((Math.floor(i / inner) % size) / known.each)]! += Number(data[i]) ** 2;
      }
    });
  }
  return new Map([...squares].map(([key, totals]) => [key, Array.from(totals, Math.sqrt)]));
}
