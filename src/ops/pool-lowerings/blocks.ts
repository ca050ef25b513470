import type { Value } from '../../graph/graph.ts';
import { atLeast, mul, sub } from '../elementwise.ts';
import { slice } from '../movement.ts';
import { pad } from '../pad.ts';
import { blockMean, upsample } from '../resample.ts';
import { spatialSizes } from '../window.ts';
import type { PoolAttrs, PoolLowering } from './attrs.ts';

/** Windows that lie side by side, with nothing between and nothing beyond. */
export const sideBySide = ({ kernel_shape, strides, pads, dilations, ceil_mode }: PoolAttrs): boolean =>
  kernel_shape.every((k, i) => k === strides[i] && dilations[i] === 1) && pads.every((p) => p === 0) && ceil_mode === 0;

/** The part of x that windows cover, and 1 at the largest cells of each window. */
function covered(x: Value, y: Value, { kernel_shape }: PoolAttrs) {
  const ends = spatialSizes(y, 'MaxPool').map((n, i) => n * kernel_shape[i]!);
  const axes = ends.map((_, i) => i + 2);
  const inside = slice(
    x,
    ends.map(() => 0),
    ends,
    axes,
  );
  return { ends, axes, mask: atLeast(sub(inside, upsample(y, kernel_shape))) };
}

const applies = ({ attrs }: { readonly attrs: PoolAttrs }): boolean => sideBySide(attrs);

/** Enlarges output and cotangent by repetition: each cell then sees the maximum of its own window. */
export const maxGradByBlocks: PoolLowering = {
  name: 'blocks',
  applies,
  build: ([x, y, dy], attrs) => {
    const { ends, mask } = covered(x!, y!, attrs);
    const dx = mul(mask, upsample(dy!, attrs.kernel_shape));
    const after = spatialSizes(x!, 'MaxPool').map((size, i) => size - ends[i]!);
    return [
      pad(
        dx,
        x!.shape.map(() => 0),
        [0, 0, ...after],
      ),
    ];
  },
};

/** Sums of the marked cells of each window. */
export const maxPickByBlocks: PoolLowering = {
  name: 'blocks',
  applies,
  build: ([x, y, v], attrs) => {
    const { ends, axes, mask } = covered(x!, y!, attrs);
    const inside = slice(
      v!,
      ends.map(() => 0),
      ends,
      axes,
    );
    const volume = attrs.kernel_shape.reduce((a, b) => a * b, 1);
    return [mul(blockMean(mul(mask, inside), attrs.kernel_shape), volume)];
  },
};
