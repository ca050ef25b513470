import type { Value } from '../../../src/graph/graph.ts';
import * as e from '../../../src/ops/elementwise.ts';
import { apart, between, bools, every, floats, type Input, ints, type Plain, type Sample } from '../check.ts';

const one =
  (f: (x: number) => number) =>
  (x: Plain): readonly (readonly number[])[] => [x.data.map(f)];

const unary = (f: e.Unary, value: (x: number) => number, input: Input, more: Partial<Sample> = {}): Sample => ({
  of: f.op,
  inputs: [input],
  build: (x) => f(x),
  expected: one(value),
  ...more,
});

const binary = (
  f: e.Binary,
  value: (a: number, b: number) => number,
  a: Input,
  b: Input,
  more: Partial<Sample> = {},
): Sample => ({
  of: f.op,
  inputs: [a, b],
  build: (x, y) => f(x, y),
  expected: (x, y) => [x!.data.map((v, i) => value(v, y!.data[i]!))],
  ...more,
});

/** [2,3] with [3]: the second operand is repeated. */
const repeated = (f: e.Binary, value: (a: number, b: number) => number): Sample => ({
  of: f.op,
  name: 'repeating the second',
  inputs: [floats(2, 3), between(0.6, 2, 3)],
  build: (x, y) => f(x, y),
  expected: (x, y) => [every([2, 3], (i, j) => value(x!.data[i * 3 + j]!, y!.data[j]!))],
});

const arithmetic: readonly Sample[] = [
  ...[
    [e.add, (a: number, b: number) => a + b] as const,
    [e.sub, (a: number, b: number) => a - b] as const,
    [e.mul, (a: number, b: number) => a * b] as const,
    [e.div, (a: number, b: number) => a / b] as const,
  ].flatMap(([f, value]) => [binary(f, value, floats(2, 3), between(0.5, 2, 2, 3)), repeated(f, value)]),
  { of: e.mul.op, name: 'both repeated', inputs: [floats(2, 1, 3), floats(4, 1)], build: (a, b) => e.mul(a, b) },
  { of: e.div.op, name: 'by a number and of one', inputs: [between(0.5, 2, 4)], build: (x) => [e.div(x, 3), e.div(2, x)] },
  binary(e.pow, (a, b) => a ** b, between(0.5, 2, 5), floats(5)),
  { of: e.pow.op, name: 'square', inputs: [floats(5)], build: (x) => e.pow(x, 2), expected: one((x) => x * x) },
  { of: e.pow.op, name: 'cube', inputs: [floats(5)], build: (x) => e.pow(x, 3), expected: one((x) => x ** 3) },
  binary(e.max, Math.max, apart(6), between(-0.02, 0.02, 6)),
  binary(e.min, Math.min, apart(6), between(-0.02, 0.02, 6)),
  binary(e.mod, (a, b) => ((a % b) + b) % b, ints([4], [7, -7, 8, 9]), ints([4], [3, 3, 5, 9])),
];

const compare = (f: e.Binary, value: (a: number, b: number) => boolean): Sample =>
  binary(f, (a, b) => Number(value(a, b)), floats(4), floats(4));
const truth = (f: e.Binary, value: (a: number, b: number) => number): Sample =>
  binary(f, value, bools([4], [0, 0, 1, 1]), bools([4], [0, 1, 0, 1]));

const logic: readonly Sample[] = [
  binary(e.equal, (a, b) => Number(a === b), ints([3], [1, 2, 3]), ints([3], [1, 3, 3])),
  compare(e.less, (a, b) => a < b),
  compare(e.lessOrEqual, (a, b) => a <= b),
  compare(e.greater, (a, b) => a > b),
  compare(e.greaterOrEqual, (a, b) => a >= b),
  truth(e.and, (a, b) => a & b),
  truth(e.or, (a, b) => a | b),
  truth(e.xor, (a, b) => a ^ b),
  unary(e.not, (x) => 1 - x, bools([2], [0, 1])),
];

/** Abramowitz and Stegun 7.1.6, to double precision for small arguments. */
const erf = (x: number): number => {
  let term = x;
  let total = x;
  for (let n = 1; n < 60; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
};

const flat: Partial<Sample> = { values: true };
/** ONNX Runtime has no float64 kernel. */
const single: Partial<Sample> = { precisions: ['float32'] };
const functions: readonly Sample[] = [
  unary(e.neg, (x) => -x, floats(4)),
  unary(e.exp, Math.exp, floats(4)),
  unary(e.log, Math.log, between(0.5, 3, 4)),
  unary(e.sqrt, Math.sqrt, between(0.5, 3, 4)),
  unary(e.reciprocal, (x) => 1 / x, between(0.5, 3, 4)),
  unary(e.abs, Math.abs, apart(6)),
  unary(e.sin, Math.sin, floats(4)),
  unary(e.cos, Math.cos, floats(4)),
  unary(e.tan, Math.tan, between(-1, 1, 4), single),
  unary(e.asin, Math.asin, between(-0.7, 0.7, 4), single),
  unary(e.acos, Math.acos, between(-0.7, 0.7, 4), single),
  unary(e.atan, Math.atan, floats(4), single),
  unary(e.sinh, Math.sinh, floats(4), single),
  unary(e.cosh, Math.cosh, floats(4), single),
  unary(e.asinh, Math.asinh, floats(4), single),
  unary(e.acosh, Math.acosh, between(1.5, 3, 4), single),
  unary(e.atanh, Math.atanh, between(-0.7, 0.7, 4), single),
  unary(e.tanh, Math.tanh, floats(4)),
  unary(e.sigmoid, (x) => 1 / (1 + Math.exp(-x)), floats(4)),
  unary(e.erf, erf, floats(4), single),
  unary(e.sign, Math.sign, apart(6), flat),
  unary(e.floor, Math.floor, floats(6), flat),
  unary(e.ceil, Math.ceil, floats(6), flat),
  unary(e.round, (x) => x, ints([1], [3], 'float32'), flat),
  unary(e.isNan, (x) => Number(Number.isNaN(x)), { kind: 'floats', shape: [2], value: (i) => (i === 0 ? Number.NaN : 0) }, flat),
  unary(e.isInf, (x) => Number(!Number.isFinite(x)), { kind: 'floats', shape: [2], value: (i) => (i === 0 ? -1 / 0 : 0) }, flat),
  unary(e.identity, (x) => x, floats(3)),
  { of: e.stopGradient.op, inputs: [floats(3)], build: (x) => e.stopGradient(x), expected: one((x) => x), values: true },
];

const mixed = (x: Value): Value => e.cast(e.cast(x, x.dtype === 'float32' ? 'float64' : 'float32'), x.dtype);

export const elementwiseSamples: readonly Sample[] = [
  ...arithmetic,
  ...logic,
  ...functions,
  { of: e.Cast, name: 'there and back', inputs: [floats(3)], build: mixed, expected: one((x) => x), precisions: ['float32'] },
  {
    of: e.Cast,
    name: 'of integers',
    inputs: [ints([3], [-1, 0, 2])],
    build: (x) => e.cast(x, 'float32'),
    expected: one((x) => x),
  },
  {
    of: e.Step,
    inputs: [{ kind: 'floats', shape: [5], value: (i) => [-1, -1e-20, 0, 1e-20, 1][i]! }],
    build: (x) => [e.above(x), e.atLeast(x)],
    expected: (x) => [x!.data.map((v) => Number(v > 0)), x!.data.map((v) => Number(v >= 0))],
    precisions: ['float32'],
    values: true,
  },
];
