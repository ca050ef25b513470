import { add, atLeast, mul, sub } from '../elementwise.ts';
import { concat } from '../movement.ts';
import { reshape } from '../shape.ts';
import { positions, spatialSizes, windowViews } from '../window.ts';
import { maxViews, type PoolLowering } from './attrs.ts';
import { fold } from './fold.ts';

/** Any window: each position of the kernel in turn is compared with the maximum. */
export const maxGradByViews: PoolLowering = {
  name: 'views',
  applies: () => true,
  build: ([x, y, dy], attrs) => {
    const [n, c, ...counts] = y!.shape as readonly number[];
    const views = maxViews(x!, attrs, counts);
    const parts = views.map((view) => reshape(mul(atLeast(sub(view, y!)), dy!), [n!, c!, 1, ...counts]));
    const all = reshape(concat(parts, 2), [n!, c! * views.length, ...counts]);
    const at = positions(attrs.kernel_shape);
    const kernels = at.map((_, i) => at.map((__, j) => Number(i === j)));
    return [fold(all, kernels, attrs.kernel_shape, attrs, spatialSizes(x!, 'MaxPool'))];
  },
};

/** Any window: the sum over the kernel positions that hold the maximum. */
export const maxPickByViews: PoolLowering = {
  name: 'views',
  applies: () => true,
  build: ([x, y, v], attrs) => {
    const counts = spatialSizes(y!, 'MaxPool');
    const values = windowViews(v!, attrs.kernel_shape, attrs, counts);
    const parts = maxViews(x!, attrs, counts).map((view, i) => mul(atLeast(sub(view, y!)), values[i]!));
    return [parts.reduce((a, b) => add(a, b))];
  },
};
