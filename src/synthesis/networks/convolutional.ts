import type { Value } from '../../graph/graph.ts';
import { conv, linear, type Trains } from '../../models/layers.ts';
import { leakyRelu } from '../../ops/activations.ts';
import { slice } from '../../ops/movement.ts';
import { upsample } from '../../ops/resample.ts';
import { reshape } from '../../ops/shape.ts';
import { batchNormalised } from './batch-norm.ts';

/** The smallest picture that a large one begins as. */
const smallest = 8;
/** Small ones are doubled as often all the same. */
const fewestDoublings = 2;

/** Sizes of an axis from the start to the end: each is twice the one before, or one less. */
const sizesOf = (size: number, doublings: number): readonly number[] =>
  Array.from({ length: doublings + 1 }, (_, i) => Math.ceil(size / 2 ** (doublings - i)));

/**
 * Codes [B, D] to pictures [B, C, H, W] before the end: a linear layer, then doublings of the size, each with a convolution, in the
 * manner of Chen et al. 2019 (DAFL, arXiv 1904.01186), Micaelli & Storkey 2019 (arXiv 1905.09768) and Fang et al. 2021 (CMI,
 * arXiv 2105.08584). Batch normalisation always takes the statistics of the batch.
 *
 * @param channels Maps of the last doubling; twice as many before it.
 * @param bias Whether the last convolution has one; in front of a normalisation it would have no effect.
 */
export function convolutional(
  ctx: Trains,
  z: Value,
  [colours, height, width]: readonly [number, number, number],
  { channels, bias }: { readonly channels: number; readonly bias: boolean },
): Value {
  const doublings = Math.max(fewestDoublings, Math.floor(Math.log2(Math.min(height, width) / smallest)));
  const [rows, columns] = [sizesOf(height, doublings), sizesOf(width, doublings)];
  const start = linear(ctx, 'start', z, 2 * channels * rows[0]! * columns[0]!);
  let h = batchNormalised(ctx, 'norm0', reshape(start, [z.shape[0]!, 2 * channels, rows[0]!, columns[0]!]));
  for (let i = 1; i <= doublings; i++) {
    const larger = slice(upsample(h, [2, 2]), [0, 0], [rows[i]!, columns[i]!], [2, 3]);
    const maps = i === doublings ? channels : 2 * channels;
    h = leakyRelu(batchNormalised(ctx, `norm${i}`, conv(ctx, `conv${i}`, larger, maps, { bias: false })), 0.2);
  }
  return conv(ctx, 'end', h, colours, { bias });
}
