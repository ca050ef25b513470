import type { Value } from '../../graph/graph.ts';
import { ones, zeros } from '../../models/init.ts';
import { conv } from '../../models/layers.ts';
import { batchNormTrain } from '../../ops/norm.ts';
import type { Extras } from '../define.ts';

/** Convolution of [B, C, H, W] that keeps the size of the map, without a bias. */
export const convolution = (extras: Extras, name: string, x: Value, channels: number, kernel = 1): Value =>
  conv(extras, name, x, channels, { kernel, bias: false });

/** Batch normalisation by the statistics of the batch; there are no running ones, for it is never used after training. */
export function normalised(extras: Extras, name: string, x: Value): Value {
  const size = [x.shape[1] as number];
  return extras.scope(name, () => batchNormTrain(x, extras.param('weight', size, ones), extras.param('bias', size, zeros)).y);
}
