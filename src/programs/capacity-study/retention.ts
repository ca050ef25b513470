import type { Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';

/** How much of the teacher's score a student keeps: 1 as good, above 1 better. Errors count the other way round. */
export const retained = ({ higherIsBetter }: Pick<Headline, 'higherIsBetter'>, student: number, teacher: number): number =>
  higherIsBetter ? student / teacher : teacher / student;

/** How many times smaller than its teacher a student is. `from` is inside of a range, `to` is not. */
export const ranges = [
  { name: 'below 2×', from: 0, to: 2 },
  { name: '2–4×', from: 2, to: 4 },
  { name: '4–8×', from: 4, to: 8 },
  { name: '8–16×', from: 8, to: 16 },
  { name: 'from 16×', from: 16, to: Number.POSITIVE_INFINITY },
] as const;

/** One size and what it keeps, by seed. */
export interface Kept {
  readonly parameters: number;
  readonly compression: number;
  readonly retention: readonly number[];
}

/** What students of each range keep, over sizes and seeds; null where no size is in the range. */
export const byRange = (
  sizes: readonly Kept[],
): readonly { readonly name: string; readonly sizes: number; readonly retention: Spread | null }[] =>
  ranges.map(({ name, from, to }) => {
    const inside = sizes.filter((s) => s.compression >= from && s.compression < to);
    return { name, sizes: inside.length, retention: inside.length > 0 ? spreadOf(inside.flatMap((s) => s.retention)) : null };
  });

/** The smallest student that keeps a share of the teacher's score. */
export interface Smallest {
  /** Of those that were measured, so that all larger ones keep it too; null: not even the largest does. */
  readonly measured: number | null;
  /** Between that one and the next smaller, on a line over the logarithm of the parameters; null where no smaller one was measured. */
  readonly interpolated: number | null;
}

/** @param share Such as 0.95. */
export function smallestKeeping(sizes: readonly Kept[], share: number): Smallest {
  const known = sizes
    .map(({ parameters, retention }) => ({ parameters, kept: spreadOf(retention).mean }))
    .sort((a, b) => b.parameters - a.parameters);
  const short = known.findIndex(({ kept }) => !(kept >= share));
  const last = known[(short < 0 ? known.length : short) - 1];
  if (!last) return { measured: null, interpolated: null };
  const below = known[short];
  if (!below) return { measured: last.parameters, interpolated: null };
  const part = (share - below.kept) / (last.kept - below.kept);
  const interpolated = below.parameters * (last.parameters / below.parameters) ** part;
  return { measured: last.parameters, interpolated };
}
