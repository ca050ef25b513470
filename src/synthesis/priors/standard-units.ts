import type { Spreads } from '../../data/dataset.ts';
import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { channelAffine } from '../../ops/channel.ts';

/** (x − mean)/std by channel of [B, C, …], as networks are usually fed; where the data never vary the deviation counts as 1. */
export function inStandardUnits(x: Value, { mean, std }: Spreads): Value {
  const factors = std.map((s) => (s > 0 ? 1 / s : 1));
  const constant = (numbers: readonly number[]): Value => x.graph.constant(tensor(x.dtype, [numbers.length], numbers));
  const shifts = mean.map((m, i) => -m * factors[i]!);
  return channelAffine(x, constant(factors), constant(shifts));
}
