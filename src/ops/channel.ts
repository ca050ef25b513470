import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { showType, sizeOf } from '../graph/type.ts';
import { BlockedConv, BlockedGlobalAverage, blocksFit, fitsBlocks, fromBlocked, toBlocked } from './blocked.ts';
import { type Op, op } from './define.ts';
import { add, mul } from './elementwise.ts';
import { reduceSum } from './reduce.ts';
import { expand, reshape } from './shape.ts';

/** One value per channel, against [N, C, ...]. */
export const perChannel = (v: Value, x: Value): Value => reshape(v, [v.shape[0]!, ...x.shape.slice(2).map(() => 1)]);
/** Every axis of [N, C, ...] but the channels. */
export const butChannels = (x: Value): readonly number[] => x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));

const oneWindow = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };

function checked(x: Value, given: readonly (Value | undefined)[], where: string): void {
  if (given.every((v) => !v || (v.rank === 1 && v.shape[0] === x.shape[1] && v.dtype === x.dtype))) return;
  throw new GraphError(
    'shape-mismatch',
    `${where}: ${showType(x.type)} with ${given.map((v) => v && showType(v.type)).join(' and ')}; expected one number a channel`,
  );
}

/** x·a + c for x [N, C, ...], a and the optional c one number a channel. */
export const ChannelAffine: Op = op({
  onnx: 'ChannelAffine',
  domain: 'potstill',
  infer: ([x, a, c]) => {
    checked(x!, [a, c], 'ChannelAffine');
    return x!.type;
  },
  vjp: (g, { inputs: [x, a, c] }) => [channelAffine(g, a!), channelDot(g, x!), c && channelSum(g)],
  lowerings: [
    {
      name: 'blocked',
      settles: 'in blocks',
      applies: blocksFit,
      // A depthwise convolution whose kernel is one number: product and sum in one pass, and what follows may join.
      build: ([x, a, c]) => {
        const channels = x!.shape[1] as number;
        const weights = reshape(a!, [channels, 1, 1, 1]);
        const attrs = { ...oneWindow, kernel_shape: [1, 1], group: channels };
        return [fromBlocked(BlockedConv(c ? [toBlocked(x!), weights, c] : [toBlocked(x!), weights], attrs))];
      },
    },
    {
      name: 'plain',
      applies: () => true,
      build: ([x, a, c]) => {
        const scaled = mul(x!, perChannel(a!, x!));
        return [c ? add(scaled, perChannel(c, x!)) : scaled];
      },
    },
  ],
});
/** x·a + c, channel by channel: x [N, C, ...], a and c [C]. */
export const channelAffine = (x: Value, a: Value, c?: Value): Value => ChannelAffine(c ? [x, a, c] : [x, a], {});

/** Sums of [N, C, ...] over everything but the channels: [C]. */
export const ChannelSum: Op = op({
  onnx: 'ChannelSum',
  domain: 'potstill',
  infer: ([x]) => ({ dtype: x!.dtype, shape: [x!.shape[1]!] }),
  vjp: (g, { inputs: [x] }) => [expand(perChannel(g, x!), x!.shape)],
  lowerings: [
    {
      name: 'blocked',
      settles: 'in blocks',
      applies: ({ inputs: [x] }, target) => fitsBlocks(x!.type, target),
      build: ([x]) => {
        const means = reshape(BlockedGlobalAverage([toBlocked(x!)], {}), x!.shape.slice(0, 2));
        return [mul(reduceSum(means, [0], false), sizeOf(x!.shape.slice(2)))];
      },
    },
    { name: 'plain', applies: () => true, build: ([x]) => [reduceSum(x!, butChannels(x!), false)] },
  ],
});
export const channelSum = (x: Value): Value => ChannelSum([x], {});

/** Sums of x·y over everything but the channels: two values [N, C, ...] to [C]. */
export const ChannelDot: Op = op({
  onnx: 'ChannelDot',
  domain: 'potstill',
  infer: ([x, y]) => {
    if (!x!.shape.every((d, i) => d === y!.shape[i])) {
      throw new GraphError('shape-mismatch', `ChannelDot: ${showType(x!.type)} and ${showType(y!.type)}`);
    }
    return { dtype: x!.dtype, shape: [x!.shape[1]!] };
  },
  vjp: (g, { inputs: [x, y] }) => [channelAffine(y!, g), channelAffine(x!, g)],
  lowerings: [
    {
      name: 'blocked',
      settles: 'in blocks',
      applies: ({ inputs: [x] }, target) => fitsBlocks(x!.type, target),
      // Each channel of each example is a convolution of its own with a kernel as large as the picture: no product is stored.
      build: ([x, y]) => {
        const [n, c, h, w] = x!.shape as readonly number[];
        const maps = n! * c!;
        const row = h! * w!;
        const attrs = { ...oneWindow, kernel_shape: [1, row], group: maps };
        const dots = BlockedConv([reshape(toBlocked(x!), [1, maps, 1, row]), reshape(toBlocked(y!), [maps, 1, 1, row])], attrs);
        return [reduceSum(reshape(dots, [n!, c!]), [0], false)];
      },
    },
    { name: 'plain', applies: () => true, build: ([x, y]) => [reduceSum(mul(x!, y!), butChannels(x!), false)] },
  ],
});
export const channelDot = (x: Value, y: Value): Value => ChannelDot([x, y], {});

/** Every entry of this file. */
export const channelOps: readonly Op[] = [ChannelAffine, ChannelSum, ChannelDot];
