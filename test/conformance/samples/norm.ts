import * as n from '../../../src/ops/norm.ts';
import { at, between, every, floats, type Plain, type Sample } from '../check.ts';

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
