import * as g from '../../../src/ops/gather.ts';
import * as m from '../../../src/ops/movement.ts';
import * as p from '../../../src/ops/pad.ts';
import * as s from '../../../src/ops/select.ts';
import { apart, at, bools, every, floats, ints, type Sample } from '../check.ts';

export const movementSamples: readonly Sample[] = [
  {
    of: m.Concat,
    inputs: [floats(2, 1), floats(2, 2)],
    build: (a, b) => m.concat([a, b, a], 1),
    expected: (a, b) => [every([2, 4], (i, j) => (j === 1 || j === 2 ? at(b!, i, j - 1) : a!.data[i]!))],
  },
  {
    of: m.Split,
    inputs: [floats(2, 4)],
    build: (x) => m.split(x, [1, 3], 1),
    expected: (x) => [every([2, 1], (i) => at(x!, i, 0)), every([2, 3], (i, j) => at(x!, i, j + 1))],
  },
  { of: m.Split, name: 'one part unused', inputs: [floats(5)], build: (x) => m.split(x, [2, 1, 2])[1]! },
  {
    of: m.Slice,
    name: 'from the end, on two axes',
    inputs: [floats(3, 4)],
    build: (x) => m.slice(x, [-2, 1], [2 ** 31, 3]),
    expected: (x) => [every([2, 2], (i, j) => at(x!, i + 1, j + 1))],
  },
  {
    of: m.Slice,
    name: 'with steps',
    inputs: [floats(6, 2)],
    build: (x) => m.slice(x, [1], [6], [0], [3]),
    expected: (x) => [every([2, 2], (i, j) => at(x!, 1 + 3 * i, j))],
  },
  {
    of: m.Slice,
    name: 'backwards',
    inputs: [floats(2, 5)],
    build: (x) => [m.flip(x, [1]), m.slice(x, [-1], [0], [1], [-2])],
    expected: (x) => [every([2, 5], (i, j) => at(x!, i, 4 - j)), every([2, 2], (i, j) => at(x!, i, 4 - 2 * j))],
  },
  {
    of: p.Pad,
    inputs: [floats(2, 3)],
    build: (x) => p.pad(x, [1, -1], [0, 2], 0.5),
    expected: (x) => [every([3, 4], (i, j) => (i === 0 || j > 1 ? 0.5 : at(x!, i - 1, j + 1)))],
  },
  {
    of: m.Slice,
    name: 'as reflecting, repeating and wrapping borders',
    inputs: [floats(1, 4)],
    build: (x) => [
      p.padWith('reflect', x, [0, 2], [0, 1]),
      p.padWith('edge', x, [0, 2], [0, 1]),
      p.padWith('wrap', x, [0, 2], [0, 1]),
    ],
    expected: ({ data }) => [[2, 1, 0, 1, 2, 3, 2], [0, 0, 0, 1, 2, 3, 3], [2, 3, 0, 1, 2, 3, 0]].map((list) => list.map((i) => data[i]!)), // biome-ignore format: three rows
  },
  {
    of: m.Trilu,
    inputs: [floats(2, 3, 3)],
    build: (x) => [m.triu(x, 1), m.tril(x)],
    expected: (x) => [
      every([2, 3, 3], (b, i, j) => (j >= i + 1 ? at(x!, b, i, j) : 0)),
      every([2, 3, 3], (b, i, j) => (j <= i ? at(x!, b, i, j) : 0)),
    ],
  },
  {
    of: m.CumSum,
    inputs: [floats(2, 3)],
    build: (x) => [m.cumSum(x, 1), m.cumSum(x, 1, { exclusive: true, reverse: true })],
    expected: (x) => [
      every([2, 3], (i, j) => every([j + 1], (k) => at(x!, i, k)).reduce((a, b) => a + b, 0)),
      every([2, 3], (i, j) => every([2 - j], (k) => at(x!, i, j + 1 + k)).reduce((a, b) => a + b, 0)),
    ],
  },
];

export const gatherSamples: readonly Sample[] = [
  {
    of: g.Gather,
    name: 'rows, some twice',
    inputs: [floats(4, 2), ints([2, 2], [3, 0, -1, 1])],
    build: (x, i) => g.gather(x, i),
    expected: (x) => [[3, 0, 3, 1].flatMap((row) => [at(x!, row, 0), at(x!, row, 1)])],
  },
  {
    of: g.Gather,
    name: 'along the middle',
    inputs: [floats(2, 3, 2), ints([2], [2, 2])],
    build: (x, i) => g.gather(x, i, 1),
    expected: (x) => [every([2, 2, 2], (i, _, k) => at(x!, i, 2, k))],
  },
  {
    of: g.Gather,
    name: 'one place',
    inputs: [floats(2, 3, 2)],
    build: (x) => g.pick(x, -1, 1),
    expected: (x) => [every([2, 2], (i, k) => at(x!, i, 2, k))],
  },
  { of: g.Gather, name: 'one computed place', inputs: [floats(3, 2), ints([], [1])], build: (x, i) => g.gather(x, i) },
  {
    of: g.GatherElements,
    inputs: [floats(2, 3), ints([2, 2], [2, 2, 0, 1])],
    build: (x, i) => g.gatherElements(x, i, 1),
    expected: (x) => [[at(x!, 0, 2), at(x!, 0, 2), at(x!, 1, 0), at(x!, 1, 1)]],
  },
  {
    of: g.GatherND,
    inputs: [floats(2, 3, 2), ints([3, 2], [0, 1, 1, 2, 0, 1])],
    build: (x, i) => g.gatherNd(x, i),
    expected: (x) => [
      [
        [0, 1],
        [1, 2],
        [0, 1],
      ].flatMap(([i, j]) => [at(x!, i!, j!, 0), at(x!, i!, j!, 1)]),
    ],
  },
  {
    of: g.ScatterND,
    name: 'written',
    inputs: [floats(3, 2), ints([2, 1], [2, 0]), floats(2, 2)],
    build: (x, i, u) => g.scatterNd(x, i, u),
    expected: (x, _, u) => [[at(u!, 1, 0), at(u!, 1, 1), at(x!, 1, 0), at(x!, 1, 1), at(u!, 0, 0), at(u!, 0, 1)]],
  },
  {
    of: g.ScatterND,
    name: 'added, one place twice',
    inputs: [floats(3), ints([3, 1], [2, 0, 2]), floats(3)],
    build: (x, i, u) => g.scatterNd(x, i, u, 'add'),
    expected: (x, _, u) => [[x!.data[0]! + u!.data[1]!, x!.data[1]!, x!.data[2]! + u!.data[0]! + u!.data[2]!]],
  },
  {
    of: g.ScatterElements,
    name: 'written',
    inputs: [floats(2, 3), ints([2, 1], [2, 0]), floats(2, 1)],
    build: (x, i, u) => g.scatterElements(x, i, u, 1),
    expected: (x, _, u) => [[at(x!, 0, 0), at(x!, 0, 1), u!.data[0]!, u!.data[1]!, at(x!, 1, 1), at(x!, 1, 2)]],
  },
  {
    of: g.ScatterElements,
    name: 'added, one place twice',
    inputs: [floats(1, 3), ints([1, 2], [1, 1]), floats(1, 2)],
    build: (x, i, u) => g.scatterElements(x, i, u, 1, 'add'),
    expected: (x, _, u) => [[x!.data[0]!, x!.data[1]! + u!.data[0]! + u!.data[1]!, x!.data[2]!]],
  },
  { of: g.ArgMax, inputs: [ints([2, 3], [1, 5, 5, 9, 0, 2], 'float32')], build: (x) => g.argMax(x), expected: () => [[1, 0]] },
  {
    of: g.ArgMin,
    inputs: [ints([2, 3], [1, 5, 5, 9, 0, 2], 'float32')],
    build: (x) => g.ArgMin([x], { axis: 0, keepdims: 1, select_last_index: 0 }),
    expected: () => [[0, 1, 1]],
  },
  {
    of: g.TopK,
    inputs: [apart(2, 4)],
    build: (x) => Object.values(g.topK(x, 2)),
    expected: (x) => {
      const rows = [0, 1].map(
        (i) =>
        [0, 1, 2, 3].map((j) => ({ v: at(x!, i, j), j })).sort((a, b) => b.v - a.v).slice(0, 2), // biome-ignore format: one chain
      );
      return [rows.flat().map((t) => t.v), rows.flat().map((t) => t.j)];
    },
  },
];

export const selectSamples: readonly Sample[] = [
  {
    of: s.Where,
    inputs: [bools([2, 1], [1, 0]), floats(2, 3), floats(3)],
    build: (c, a, b) => s.where(c, a, b),
    expected: (_, a, b) => [every([2, 3], (i, j) => (i === 0 ? at(a!, i, j) : b!.data[j]!))],
  },
  { of: s.Where, name: 'with a number', inputs: [bools([3], [1, 0, 1]), floats(3)], build: (c, a) => s.where(c, a, -1) },
  {
    of: s.Clip,
    inputs: [apart(8)],
    build: (x) => [s.clip(x, -0.5, 1), s.clip(x, 0, undefined), s.clip(x, undefined, 0.3)],
    expected: ({ data }) => [data.map((v) => Math.min(Math.max(v, -0.5), 1)), data.map((v) => Math.max(v, 0)), data.map((v) => Math.min(v, 0.3))], // biome-ignore format: three rows
  },
  {
    of: s.NonZero,
    inputs: [ints([2, 2], [0, 3, 4, 0], 'float32')],
    build: (x) => s.NonZero([x], {}),
    expected: () => [[0, 1, 1, 0]],
  },
];
