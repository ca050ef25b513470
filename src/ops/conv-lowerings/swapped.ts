import type { Value } from '../../graph/graph.ts';
import type { Lowering } from '../define.ts';
import { slice } from '../movement.ts';
import { reshape, transpose } from '../shape.ts';
import type { ConvForward, ConvGradAttrs } from './attrs.ts';

/** [N, g·c, ...] as [c, g·N, ...]: the batch becomes the axis that is summed over, within each group. */
function byChannel(x: Value, group: number): Value {
  const [n, c, ...sizes] = x.shape as readonly number[];
  const inner = sizes.map((_, i) => i + 3);
  const split = reshape(x, [n!, group, c! / group, ...sizes]);
  return reshape(transpose(split, [2, 1, 0, ...inner]), [c! / group, group * n!, ...sizes]);
}

/** The weight gradient as a convolution whose kernel is the output gradient: strides and dilations change places. */
export const swapped = (conv: ConvForward): Lowering<ConvGradAttrs> => ({
  name: 'swapped',
  applies: () => true,
  build: ([x, dy], { strides, pads, dilations, group, shape }) => {
    const inner = shape.slice(2).map((_, i) => i + 2);
    const kernel = transpose(dy!, [1, 0, ...inner]);
    const y = conv([byChannel(x!, group), kernel], { strides: dilations, dilations: strides, pads, group });
    const dw = transpose(y, [1, 0, ...inner]);
    // A stride that does not divide the input leaves positions that no kernel reached.
    return [
      slice(
        dw,
        inner.map(() => 0),
        inner.map((axis) => shape[axis]!),
        inner,
      ),
    ];
  },
});
