import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { convTranspose } from '../conv.ts';
import { expand, reshape } from '../shape.ts';
import { reach, type WindowAttrs } from '../window.ts';

/**
 * Puts windows back where they lie and adds up where they overlap: a transposed convolution, channel by channel.
 *
 * @param parts [N, C·v, ...counts], v values per channel and window.
 * @param kernels v kernels, flat, of the shape `kernel`: where in the window a value goes.
 * @param sizes Spatial sizes of the result [N, C, ...sizes].
 */
export function fold(
  parts: Value,
  kernels: readonly (readonly number[])[],
  kernel: readonly number[],
  attrs: WindowAttrs,
  sizes: readonly number[],
): Value {
  const counts = parts.shape.slice(2) as readonly number[];
  const v = kernels.length;
  const c = (parts.shape[1] as number) / v;
  const each = parts.graph.constant(tensor(parts.dtype, [1, v, 1, ...kernel], kernels.flat()));
  const weights = reshape(expand(each, [c, v, 1, ...kernel]), [c * v, 1, ...kernel]);
  const covered = reach(kernel, attrs);
  const ends = counts.map((n, i) => (n - 1) * attrs.strides[i]! + covered[i]! - attrs.pads[i]! - sizes[i]!);
  return convTranspose(parts, weights, undefined, {
    stride: attrs.strides,
    dilation: attrs.dilations,
    padding: [...attrs.pads.slice(0, kernel.length), ...ends.map((n) => Math.max(n, 0))],
    outputPadding: ends.map((n) => Math.max(-n, 0)),
    groups: c,
  });
}
