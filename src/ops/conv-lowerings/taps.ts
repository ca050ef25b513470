import type { Value } from '../../graph/graph.ts';
import { sizeOf } from '../../graph/type.ts';
import type { Applied, Lowering, Target } from '../define.ts';
import { add } from '../elementwise.ts';
import { matmul } from '../linalg.ts';
import { slice } from '../movement.ts';
import { pad } from '../pad.ts';
import { reshape, transpose } from '../shape.ts';
import { positions, reach, spatialSizes } from '../window.ts';
import type { ConvAttrs } from './attrs.ts';

type Use = Pick<Applied<ConvAttrs>, 'inputs' | 'attrs'>;

/**
 * Many channels into few: one product gives what every place adds to its neighbours, for each kernel position, and the results are the
 * sums of these, each shifted to where it belongs. The engine's own way is to copy every place once for each kernel position first.
 */
export const taps: Lowering<ConvAttrs> = {
  name: 'taps',
  applies: ({ inputs: [x, w], attrs: { group } }: Use, { provider }: Target) =>
    provider === 'cpu' &&
    group === 1 &&
    w!.shape.slice(2).some((k) => k !== 1) &&
    x!.shape.every((d) => typeof d === 'number') &&
    sizeOf(w!.shape.toSpliced(1, 1)) <= (w!.shape[1] as number),
  build: ([x, w, b], { strides, pads, dilations }) => {
    const [m, c, ...kernel] = w!.shape as readonly number[];
    const [sizes, at] = [spatialSizes(x!, 'Conv'), positions(kernel)];
    const inner = kernel.map((_, i) => i + 2);
    const rows = reshape(transpose(w!, [...inner, 0, 1]), [at.length * m!, c!]);
    const n = x!.shape[0]!;
    const parts = reshape(matmul(rows, reshape(x!, [n, c!, sizeOf(sizes)])), [n, at.length * m!, ...sizes]);
    const padded = pad(parts, [0, 0, ...pads.slice(0, kernel.length)], [0, 0, ...pads.slice(kernel.length)]);
    const covered = reach(kernel, { dilations });
    const last = sizes.map((size, i) => size + pads[i]! + pads[i + kernel.length]! - covered[i]!);
    const shifted = at.map((position, p) => {
      const starts = position.map((k, i) => k * dilations[i]!);
      const ends = starts.map((start, i) => start + last[i]! + 1);
      return slice(padded, [p * m!, ...starts], [(p + 1) * m!, ...ends], [1, ...inner], [1, ...strides]);
    });
    const y = shifted.reduce((sum, part): Value => add(sum, part));
    return [b ? add(y, reshape(b, [m!, ...kernel.map(() => 1)])) : y];
  },
};
