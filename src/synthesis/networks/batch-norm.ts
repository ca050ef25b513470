import type { Value } from '../../graph/graph.ts';
import { ones, zeros } from '../../models/init.ts';
import type { Trains } from '../../models/layers.ts';
import { filled } from '../../ops/define.ts';
import { batchNormTrain } from '../../ops/norm.ts';

/** Batch normalisation of [B, C, …] by the statistics of the batch, of which nothing is remembered: a generator only makes whole batches. */
export function batchNormalised(ctx: Trains, name: string, x: Value): Value {
  const channels = [x.shape[1] as number];
  return ctx.scope(name, () => batchNormTrain(x, ctx.param('weight', channels, ones), ctx.param('bias', channels, zeros)).y);
}

/** The same without scale and shift: every channel of the batch has mean 0 and variance 1. */
export function batchStandardised(x: Value): Value {
  const all = (value: number): Value => filled(x.graph, { dtype: x.dtype, shape: [x.shape[1]!] }, value);
  return batchNormTrain(x, all(1), all(0)).y;
}
