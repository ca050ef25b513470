import * as c from '../../../src/ops/channel.ts';
import { at, every, floats, type Sample } from '../check.ts';

const shape = [2, 3, 2, 2] as const;
const total = (value: (n: number, i: number, j: number) => number): number =>
  every([shape[0], shape[2], shape[3]], value).reduce((a, b) => a + b, 0);

export const channelSamples: readonly Sample[] = [
  {
    of: c.ChannelAffine,
    inputs: [floats(...shape), floats(3), floats(3)],
    build: (x, a, b) => c.channelAffine(x, a, b),
    expected: (x, a, b) => [every(shape, (n, ch, i, j) => at(x!, n, ch, i, j) * a!.data[ch]! + b!.data[ch]!)],
  },
  {
    of: c.ChannelAffine,
    name: 'without a shift, of a matrix',
    inputs: [floats(2, 3), floats(3)],
    build: (x, a) => c.channelAffine(x, a),
    expected: (x, a) => [every([2, 3], (n, ch) => at(x!, n, ch) * a!.data[ch]!)],
  },
  {
    of: c.ChannelSum,
    inputs: [floats(...shape)],
    build: (x) => c.channelSum(x),
    expected: (x) => [every([3], (ch) => total((n, i, j) => at(x!, n, ch, i, j)))],
  },
  {
    of: c.ChannelDot,
    inputs: [floats(...shape), floats(...shape)],
    build: (x, y) => c.channelDot(x, y),
    expected: (x, y) => [every([3], (ch) => total((n, i, j) => at(x!, n, ch, i, j) * at(y!, n, ch, i, j)))],
  },
];
