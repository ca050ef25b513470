import type { Value } from '../../graph/graph.ts';
import type { Lowering } from '../define.ts';
import { reach, spatialSizes } from '../window.ts';
import type { ConvAttrs, ConvGradAttrs } from './attrs.ts';

type ConvTransposeForward = (
  inputs: readonly Value[],
  attrs: ConvAttrs & { readonly output_padding: readonly number[] },
) => Value;

/** The input gradient is what ONNX calls ConvTranspose. */
export const transposed = (convTranspose: ConvTransposeForward): Lowering<ConvGradAttrs> => ({
  name: 'transposed',
  applies: () => true,
  build: ([w, dy], { strides, pads, dilations, group, shape }) => {
    const covered = reach(w!.shape.slice(2) as readonly number[], { dilations });
    const rank = covered.length;
    const output_padding = spatialSizes(dy!, 'Conv').map((size, i) => {
      const least = (size - 1) * strides[i]! + covered[i]! - pads[i]! - pads[i + rank]!;
      return shape[i + 2]! - least;
    });
    return [convTranspose([dy!, w!], { strides, pads, dilations, group, output_padding })];
  },
});
