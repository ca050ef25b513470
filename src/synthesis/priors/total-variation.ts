import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { abs, add, mul, sub } from '../../ops/elementwise.ts';
import { slice } from '../../ops/movement.ts';
import { mean, sum } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';
import { root } from './root.ts';
import { inStandardUnits } from './standard-units.ts';

/** Neighbours of a pixel that it is compared with: rows and columns away. */
const neighbours = [
  [0, 1],
  [1, 0],
  [1, -1],
  [1, 1],
] as const;

/** How large differences are, all together. */
const sizes: Readonly<Record<'l1' | 'l2', (differences: Value) => Value>> = {
  l1: (d) => mean(abs(d)),
  l2: (d) => root(sum(mul(d, d))),
};

/** Differences between pixels that lie so far apart, where both are in the picture. */
function differences(x: Value, down: number, right: number): Value {
  const [, , height, width] = x.shape as readonly [number, number, number, number];
  const part = (row: number, column: number): Value =>
    slice(x, [row, column], [row + height - down, column + width - Math.abs(right)], [2, 3]);
  return sub(part(0, Math.max(0, -right)), part(down, Math.max(0, right)));
}

/**
 * Neighbouring pixels are alike, in standard units and four directions (Mahendran & Vedaldi 2015, arXiv 1412.0035; DeepInversion, Yin
 * et al. 2020, arXiv 1912.08795, eq. 3). As in DeepInversion's code `l2` is a norm over the whole batch, which grows with its root,
 * and `l1` a mean.
 */
export const totalVariation = definePrior({
  kind: 'total-variation',
  summary: 'Neighbouring pixels are alike.',
  paper: 'https://arxiv.org/abs/1912.08795',
  needs: 'pictures',
  options: z.strictObject({
    kind: z.literal('total-variation'),
    weight: weightOption,
    norm: z.enum(['l1', 'l2']).default('l2').describe('l2: root of the summed squares of a batch; l1: mean absolute difference'),
  }),
  loss: ({ norm }, { view }, { spreads, example }) => {
    if (example.layout !== 'image') {
      throw new SynthesisError(
        `total-variation: found examples of layout ${example.layout}, which have no neighbouring pixels; expected pictures; leave this prior out`,
      );
    }
    const [, height, width] = example.shape;
    const inside = neighbours.filter(([down, right]) => down < height && Math.abs(right) < width);
    if (inside.length === 0) {
      throw new SynthesisError('total-variation: found pictures of one pixel; expected at least two; leave this prior out');
    }
    const x = inStandardUnits(view, spreads);
    return inside.map(([down, right]) => sizes[norm](differences(x, down, right))).reduce((a, b) => add(a, b));
  },
});
