import type { Random } from '../../data/random.ts';
import type { Moments } from './metadata.ts';
import { sampler } from './sampler.ts';

/** What is drawn together for an example: moments by group (one group, or one for each class), and where ReLUs clip. */
export interface Drawn {
  readonly groups: readonly Moments[];
  /** By number. */
  readonly nonNegative: readonly boolean[];
}

/**
 * Writes a row of numbers for each example, those of the parts side by side and all of one group. Groups are as frequent as each
 * other in a batch, but for one example, and in random order.
 */
export function targetsOf(parts: readonly Drawn[]): (into: Float32Array, draws: Random) => void {
  const count = parts[0]!.groups.length;
  const columns: { readonly offset: number; readonly samplers: readonly ReturnType<typeof sampler>[] }[] = [];
  let width = 0;
  for (const { groups, nonNegative } of parts) {
    columns.push({ offset: width, samplers: groups.map((moments) => sampler(moments, nonNegative)) });
    width += nonNegative.length;
  }
  return (into, draws) => {
    const rows = into.length / width;
    const first = draws.integer(count);
    const order = draws.permutation(rows);
    for (let row = 0; row < rows; row++) {
      const group = (first + order[row]!) % count;
      for (const { offset, samplers } of columns) samplers[group]!(into, row * width + offset, draws);
    }
  };
}
