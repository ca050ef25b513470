import type { Value } from '../../graph/graph.ts';
import type { Lowering } from '../define.ts';
import { matmul } from '../linalg.ts';
import { concat } from '../movement.ts';
import { reduceSum } from '../reduce.ts';
import { reshape, swapLast } from '../shape.ts';
import { spatialSizes, windowViews } from '../window.ts';
import type { ConvGradAttrs } from './attrs.ts';

/** What the products need: views of the input and the output gradient, flat in space and split by group. */
function parts([x, dy]: readonly Value[], attrs: ConvGradAttrs) {
  const { group, shape } = attrs;
  const counts = spatialSizes(dy!, 'Conv');
  const kernel = shape.slice(2);
  const area = counts.reduce((a, b) => a * b, 1);
  const n = x!.shape[0]!;
  const views = windowViews(x!, kernel, attrs, counts);
  const rows = reshape(dy!, [n, group, shape[0]! / group, area]);
  return { views, rows, n, area, channels: shape[1]!, volume: views.length };
}

/** All views side by side, then one product per example. */
export const columns: Lowering<ConvGradAttrs> = {
  name: 'columns',
  applies: () => true,
  build: (inputs, attrs) => {
    const { views, rows, n, area, channels, volume } = parts(inputs, attrs);
    const flat = views.map((v) => reshape(v, [n, attrs.group, channels, 1, area]));
    const cols = reshape(concat(flat, 3), [n, attrs.group, channels * volume, area]);
    return [reshape(reduceSum(matmul(rows, swapLast(cols)), [0]), attrs.shape)];
  },
};

/** One product per kernel position: less memory to move, smaller products. */
export const shifted: Lowering<ConvGradAttrs> = {
  name: 'shifted',
  applies: () => true,
  build: (inputs, attrs) => {
    const { views, rows, n, area, channels } = parts(inputs, attrs);
    const sums = views.map((v) => {
      const cols = reshape(v, [n, attrs.group, channels, area]);
      const product = reduceSum(matmul(rows, swapLast(cols)), [0]);
      return reshape(product, [attrs.shape[0]!, channels, 1]);
    });
    return [reshape(concat(sums, 2), attrs.shape)];
  },
};
