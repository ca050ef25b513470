import * as ch from '../../../src/ops/channel.ts';
import * as n from '../../../src/ops/norm.ts';
import * as q from '../../../src/ops/quantize.ts';
import { at, between, constant, every, floats, given, ints, type Plain, type Precision, type Sample } from '../check.ts';

const meanOf = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
const varianceOf = (list: readonly number[]): number => meanOf(list.map((x) => (x - meanOf(list)) ** 2));
const row = (x: Plain, i: number): readonly number[] => every([x.shape[1]!], (j) => at(x, i, j));
const channel = (x: Plain, c: number): readonly number[] => every([x.shape[0]!, x.shape[2]!], (b, i) => at(x, b, c, i));
const standard = (list: readonly number[], epsilon: number) => (x: number) =>
  (x - meanOf(list)) / Math.sqrt(varianceOf(list) + epsilon);

export const normSamples: readonly Sample[] = [
  {
    of: n.LayerNormalization,
    inputs: [floats(2, 4), floats(4), floats(4)],
    build: (x, s, b) => n.layerNorm(x, s, b),
    expected: (x, s, b) => [every([2, 4], (i, j) => standard(row(x!, i), 1e-5)(at(x!, i, j)) * s!.data[j]! + b!.data[j]!)],
  },
  {
    of: n.LayerNormalization,
    name: 'over two axes, no bias',
    inputs: [floats(2, 3, 2), floats(3, 2)],
    build: (x, s) => n.layerNorm(x, s, undefined, { axis: 1, epsilon: 0.1 }),
  },
  {
    of: n.LayerNormalization,
    name: 'with its statistics as results',
    inputs: [floats(2, 3), floats(3), floats(3)],
    build: (x, s, b) => n.LayerNormalization.all([x, s, b], { axis: 1, epsilon: 0.01 }),
    expected: (x, s, b) => [
      every([2, 3], (i, j) => standard(row(x!, i), 0.01)(at(x!, i, j)) * s!.data[j]! + b!.data[j]!),
      every([2], (i) => meanOf(row(x!, i))),
      every([2], (i) => 1 / Math.sqrt(varianceOf(row(x!, i)) + 0.01)),
    ],
    precisions: ['float32'],
  },
  {
    of: n.LayerNormalization,
    name: 'as group normalisation',
    inputs: [floats(2, 4, 3), floats(4), floats(4)],
    build: (x, s, b) => n.groupNorm(x, 2, s, b),
    expected: (x, s, b) => [
      every([2, 4, 3], (i, c, j) => {
        const group = every([2, 3], (k, l) => at(x!, i, 2 * Math.floor(c / 2) + k, l));
        return standard(group, 1e-5)(at(x!, i, c, j)) * s!.data[c]! + b!.data[c]!;
      }),
    ],
  },
  {
    of: n.BatchNormalization,
    inputs: [floats(2, 3, 2), floats(3), floats(3), floats(3), between(0.5, 2, 3)],
    build: (x, s, b, m, v) => n.batchNorm(x, s, b, m, v, 0.01),
    expected: (x, s, b, m, v) => [
      every(
        [2, 3, 2],
        (i, c, j) => ((at(x!, i, c, j) - m!.data[c]!) / Math.sqrt(v!.data[c]! + 0.01)) * s!.data[c]! + b!.data[c]!,
      ),
    ],
  },
  {
    of: n.BatchNormTrain,
    inputs: [floats(3, 2, 2), floats(2), floats(2)],
    build: (x, s, b) => Object.values(n.batchNormTrain(x, s, b, 0.01)),
    expected: (x, s, b) => [
      every([3, 2, 2], (i, c, j) => standard(channel(x!, c), 0.01)(at(x!, i, c, j)) * s!.data[c]! + b!.data[c]!),
      every([2], (c) => meanOf(channel(x!, c))),
      every([2], (c) => varianceOf(channel(x!, c))),
    ],
  },
  {
    of: n.BatchNormTrain,
    name: 'the result alone, of a matrix',
    inputs: [floats(4, 3), floats(3), floats(3)],
    build: (x, s, b) => n.batchNormTrain(x, s, b).y,
  },
];

const single: readonly Precision[] = ['float32'];
const limited = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high);

const sumOf = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

export const channelSamples: readonly Sample[] = [
  {
    of: ch.ChannelAffine,
    inputs: [floats(2, 3, 2), floats(3), floats(3)],
    build: (x, a, c) => ch.channelAffine(x, a, c),
    expected: (x, a, c) => [every([2, 3, 2], (i, k, j) => at(x!, i, k, j) * a!.data[k]! + c!.data[k]!)],
  },
  {
    of: ch.ChannelAffine,
    name: 'without a shift',
    inputs: [floats(2, 3, 2), floats(3)],
    build: (x, a) => ch.channelAffine(x, a),
  },
  {
    of: ch.ChannelSum,
    inputs: [floats(2, 3, 2)],
    build: (x) => ch.channelSum(x),
    expected: (x) => [every([3], (k) => sumOf(channel(x!, k)))],
  },
  {
    of: ch.ChannelDot,
    inputs: [floats(2, 3, 2), floats(2, 3, 2)],
    build: (x, y) => ch.channelDot(x, y),
    expected: (x, y) => [every([3], (k) => sumOf(channel(x!, k).map((v, i) => v * channel(y!, k)[i]!)))],
  },
];

/** A step of 0.5 and a range of [-64.5, 63]: halves are what a quantised value can be. */
export const quantizeSamples: readonly Sample[] = [
  {
    of: q.QuantizeLinear,
    inputs: [given([4], [-100, -0.3, 0.8, 100]), ints([], [1], 'int8')],
    build: (x, zero) => q.QuantizeLinear([x, constant(x, [], [0.5]), zero], { axis: 1 }),
    expected: (x) => [x!.data.map((v) => limited(Math.round(v / 0.5) + 1, -128, 127))],
    precisions: single,
    values: true,
  },
  {
    of: q.DequantizeLinear,
    name: 'a scale per row',
    inputs: [ints([2, 3], [1, -2, 3, -4, 5, 6], 'int8'), between(0.5, 1, 2), ints([2], [1, 0], 'int8')],
    build: (x, scale, zero) => q.DequantizeLinear([x, scale, zero], { axis: 0 }),
    expected: (x, scale, zero) => [every([2, 3], (i, j) => (at(x!, i, j) - zero!.data[i]!) * scale!.data[i]!)],
    precisions: single,
  },
  // Rounding has no slope for a difference to find; the rule is checked against its definition below.
  {
    of: q.FakeQuantize,
    inputs: [given([2, 3], [-100, -0.3, 0.8, 100, 0.1, 5]), given([2], [0.5, 0.25]), ints([2], [1, -3], 'int8')],
    build: (x, scale, zero) => q.fakeQuantize(x, scale, zero, 0),
    expected: (x, scale, zero) => [
      every([2, 3], (i, j) => {
        const [s, z] = [scale!.data[i]!, zero!.data[i]!];
        return (limited(Math.round(at(x!, i, j) / s) + z, -128, 127) - z) * s;
      }),
    ],
    precisions: single,
    values: true,
  },
];
