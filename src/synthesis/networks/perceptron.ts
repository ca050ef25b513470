import type { Value } from '../../graph/graph.ts';
import { linear, type Trains } from '../../models/layers.ts';
import { leakyRelu } from '../../ops/activations.ts';
import { batchNormalised } from './batch-norm.ts';

/**
 * Codes [B, D] to [B, outputs] before the end, over two hidden layers of `width` units with batch normalisation.
 *
 * @param bias Whether the last layer has one; in front of a normalisation it would have no effect.
 */
export function perceptron(
  ctx: Trains,
  z: Value,
  outputs: number,
  { width, bias }: { readonly width: number; readonly bias: boolean },
): Value {
  let h = z;
  for (const i of [1, 2]) h = leakyRelu(batchNormalised(ctx, `norm${i}`, linear(ctx, `fc${i}`, h, width, { bias: false })), 0.2);
  return linear(ctx, 'end', h, outputs, { bias });
}
