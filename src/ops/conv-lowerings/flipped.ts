import type { Value } from '../../graph/graph.ts';
import type { Lowering } from '../define.ts';
import { flip, insertZeros, slice } from '../movement.ts';
import { reshape, transpose } from '../shape.ts';
import { reach, spatialSizes } from '../window.ts';
import type { ConvForward, ConvGradAttrs } from './attrs.ts';

/** Kernels with input and output channels exchanged, group by group, and turned around. */
function turned(w: Value, group: number): Value {
  const [m, c, ...kernel] = w.shape as readonly number[];
  const inner = kernel.map((_, i) => i);
  const exchanged =
    group === 1
      ? transpose(w, [1, 0, ...inner.map((i) => i + 2)])
      : reshape(transpose(reshape(w, [group, m! / group, c!, ...kernel]), [0, 2, 1, ...inner.map((i) => i + 3)]), [
          group * c!,
          m! / group,
          ...kernel,
        ]);
  return flip(
    exchanged,
    inner.filter((i) => kernel[i]! > 1).map((i) => i + 2),
  );
}

/** The input gradient as a convolution of the output gradient, zeros between its elements where the stride is not 1. */
function build(conv: ConvForward, [w, dy]: readonly Value[], { strides, pads, dilations, group, shape }: ConvGradAttrs): Value {
  const sizes = shape.slice(2);
  const covered = reach(w!.shape.slice(2) as readonly number[], { dilations });
  const spaced = strides.reduce((g, stride, i) => insertZeros(g, i + 2, stride - 1), dy!);
  const begins = sizes.map((_, i) => covered[i]! - 1 - pads[i]!);
  const ends = spatialSizes(spaced, 'Conv').map((size, i) => sizes[i]! - size - begins[i]! + covered[i]! - 1);
  const y = conv([spaced, turned(w!, group)], {
    strides: strides.map(() => 1),
    pads: [...begins, ...ends].map((n) => Math.max(n, 0)),
    dilations,
    group,
  });
  // Padding beyond the reach of the kernel: the outermost results belong to cells that are not there.
  return slice(
    y,
    begins.map((n) => Math.max(-n, 0)),
    begins.map((n, i) => Math.max(-n, 0) + sizes[i]!),
    sizes.map((_, i) => i + 2),
  );
}

/** Stride 1: a convolution of the same size as the forward one. */
export const flipped = (conv: ConvForward): Lowering<ConvGradAttrs> => ({
  name: 'flipped',
  applies: ({ attrs }) => attrs.strides.every((s) => s === 1),
  build: (inputs, attrs) => [build(conv, inputs, attrs)],
});

/** Any stride: zeros between the elements of the output gradient, then as with stride 1. */
export const stuffed = (conv: ConvForward): Lowering<ConvGradAttrs> => ({
  name: 'stuffed',
  applies: ({ attrs }) => attrs.strides.some((s) => s !== 1),
  build: (inputs, attrs) => [build(conv, inputs, attrs)],
});
