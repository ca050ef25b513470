import type { Value } from '../graph/graph.ts';
import { Graph } from '../graph/graph.ts';
import { type Op, op } from './define.ts';

/**
 * Operators of ONNX Runtime's blocked layout on the CPU ("NCHWc"): the logical shape stays [N, C, H, W] over memory
 * [N, C / block, H, W, block]. They are made by lowerings only, after differentiation.
 */
const domain = 'com.microsoft.nchwc';
const vjp = { unsupported: 'it is made after differentiation' } as const;

/** To the blocked layout, from [N, C, H, W] or, with `channels_last`, from [N, H, W, C]. */
export const ReorderInput: Op<{ channels_last: number }> = op<{ channels_last: number }>({
  onnx: 'ReorderInput',
  domain,
  attributes: { channels_last: ['int', 0] },
  infer: ([x], { channels_last }) => {
    const [n, a, b, c] = x!.shape;
    return { dtype: x!.dtype, shape: channels_last ? [n!, c!, a!, b!] : x!.shape };
  },
  vjp,
});

/** What the engine makes of a picture of few pixels, to see how large its blocks are. */
export function reorderProbe(channels: number, pixels: number): Graph {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [1, channels, 1, pixels] });
  graph.output('y', ReorderInput([x], { channels_last: 0 }) as Value);
  return graph;
}
