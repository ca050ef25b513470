import { Gemm, MatMul, matmul } from '../../../src/ops/linalg.ts';
import * as r from '../../../src/ops/reduce.ts';
import { Expand, expand, Reshape, reshape, Transpose, transpose } from '../../../src/ops/shape.ts';
import { apart, at, between, every, floats, type Plain, type Sample } from '../check.ts';

const sumOf = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

const reductions = [
  [r.ReduceSum, sumOf, floats(2, 3, 2)],
  [r.ReduceMean, (list: readonly number[]) => sumOf(list) / list.length, floats(2, 3, 2)],
  [r.ReduceMax, (list: readonly number[]) => Math.max(...list), apart(2, 3, 2)],
  [r.ReduceMin, (list: readonly number[]) => Math.min(...list), apart(2, 3, 2)],
  [r.ReduceProd, (list: readonly number[]) => list.reduce((a, b) => a * b, 1), between(0.5, 1.5, 2, 3, 2)],
] as const;

const middle = (x: Plain, i: number, k: number): readonly number[] => [0, 1, 2].map((j) => at(x, i, j, k));

const overRows: Sample = {
  of: r.ReduceSum,
  name: 'over many rows',
  inputs: [floats(32, 2, 3)],
  build: (x) => r.reduceSum(x, [0, 1], false),
  expected: (x) => [every([3], (k) => sumOf(every([32, 2], (i, j) => at(x!, i, j, k))))],
};

export const reduceSamples: readonly Sample[] = reductions
  .flatMap(([entry, value, input]): readonly Sample[] => [
    {
      of: entry,
      name: 'over the middle, kept',
      inputs: [input],
      build: (x) => entry([x], { axes: [1], keepdims: true }),
      expected: (x) => [every([2, 2], (i, k) => value(middle(x!, i, k)))],
    },
    {
      of: entry,
      name: 'over two axes, dropped',
      inputs: [input],
      build: (x) => entry([x], { axes: [0, 2], keepdims: false }),
      expected: (x) => [every([3], (j) => value(every([2, 2], (i, k) => at(x!, i, j, k))))],
    },
  ])
  .concat(overRows);

const product = (a: Plain, b: Plain, i: number, j: number): number =>
  sumOf(every([a.shape[1]!], (k) => at(a, i, k) * at(b, k, j)));

export const linalgSamples: readonly Sample[] = [
  {
    of: MatMul,
    inputs: [floats(2, 3), floats(3, 4)],
    build: (a, b) => matmul(a, b),
    expected: (a, b) => [every([2, 4], (i, j) => product(a!, b!, i, j))],
  },
  { of: MatMul, name: 'many rows by one matrix', inputs: [floats(2, 2, 3), floats(3, 2)], build: (a, b) => matmul(a, b) },
  { of: MatMul, name: 'pairs', inputs: [floats(2, 2, 3), floats(2, 3, 2)], build: (a, b) => matmul(a, b) },
  { of: MatMul, name: 'leading axes repeat', inputs: [floats(2, 1, 2, 2), floats(3, 2, 2)], build: (a, b) => matmul(a, b) },
  { of: MatMul, name: 'one matrix by many', inputs: [floats(2, 3), floats(2, 3, 2)], build: (a, b) => matmul(a, b) },
  {
    of: MatMul,
    name: 'vectors',
    inputs: [floats(3), floats(3, 2), floats(2)],
    build: (a, b, c) => [matmul(a, b), matmul(b, c), matmul(a, a)],
  },
  {
    of: Gemm,
    inputs: [floats(2, 3), floats(3, 4), floats(4)],
    build: (a, b, c) => Gemm([a, b, c], { alpha: 0.5, beta: 2, transA: 0, transB: 0 }),
    expected: (a, b, c) => [every([2, 4], (i, j) => 0.5 * product(a!, b!, i, j) + 2 * c!.data[j]!)],
  },
  {
    of: Gemm,
    name: 'both transposed, no third',
    inputs: [floats(3, 2), floats(4, 3)],
    build: (a, b) => Gemm([a, b], { alpha: 1, beta: 1, transA: 1, transB: 1 }),
    expected: (a, b) => [every([2, 4], (i, j) => sumOf(every([3], (k) => at(a!, k, i) * at(b!, j, k))))],
  },
];

export const shapeSamples: readonly Sample[] = [
  { of: Reshape, inputs: [floats(2, 3)], build: (x) => reshape(x, [3, -1]), expected: (x) => [x!.data] },
  {
    of: Expand,
    inputs: [floats(2, 1)],
    build: (x) => expand(x, [3, 2, 2]),
    expected: (x) => [every([3, 2, 2], (_, j) => x!.data[j]!)],
  },
  {
    of: Transpose,
    inputs: [floats(2, 3, 2)],
    build: (x) => transpose(x, [1, 2, 0]),
    expected: (x) => [every([3, 2, 2], (j, k, i) => at(x!, i, j, k))],
  },
];
