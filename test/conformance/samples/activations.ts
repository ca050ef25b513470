import type { Operator, Value } from '../../../src/graph/graph.ts';
import * as a from '../../../src/ops/activations.ts';
import { LogSoftmax, logSoftmax, Softmax, softmax } from '../../../src/ops/softmax.ts';
import { apart, floats, given, type Precision, type Sample } from '../check.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0);
const hardSigmoid = (x: number): number => Math.min(Math.max(x / 6 + 0.5, 0), 1);
const single: readonly Precision[] = ['float32'];

const of = (entry: Operator, build: (x: Value) => Value, value: (x: number) => number, more: Partial<Sample> = {}): Sample => ({
  of: entry,
  inputs: [apart(9)],
  build,
  expected: (x) => [x!.data.map(value)],
  ...more,
});

const tanhGelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

export const activationSamples: readonly Sample[] = [
  of(a.relu.op, a.relu, (x) => Math.max(x, 0)),
  of(a.softsign.op, a.softsign, (x) => x / (1 + Math.abs(x)), { precisions: single }),
  of(
    a.LeakyRelu,
    (x) => a.leakyRelu(x, 0.1),
    (x) => (x > 0 ? x : 0.1 * x),
    { precisions: single },
  ),
  of(
    a.Elu,
    (x) => a.elu(x, 1.5),
    (x) => (x > 0 ? x : 1.5 * Math.expm1(x)),
    { precisions: single },
  ),
  of(
    a.Elu,
    (x) => a.celu(x, 2),
    (x) => Math.max(0, x) + Math.min(0, 2 * Math.expm1(x / 2)),
    { name: 'as Celu', precisions: single },
  ),
  of(a.Selu, a.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)), { precisions: single }),
  of(
    a.HardSigmoid,
    (x) => a.hardSigmoid(x, 0.4, 0.5),
    (x) => Math.min(Math.max(0.4 * x + 0.5, 0), 1),
    { precisions: single },
  ),
  of(a.HardSigmoid, a.hardSwish, (x) => x * hardSigmoid(x), {
    name: 'as HardSwish',
    inputs: [given([4], [-4, -1, 2, 3.5])],
    precisions: single,
  }),
  of(a.Gelu, (x) => a.gelu(x, 'tanh'), tanhGelu, { name: 'approximated', precisions: single }),
  {
    of: a.Gelu,
    inputs: [given([4], [-2, -0.5, 0, 1.5])],
    build: (x) => a.gelu(x),
    // x·Φ(x), Φ from tables.
    expected: () => [[-2 * 0.0227501319, -0.5 * 0.3085375387, 0, 1.5 * 0.9331927987]],
    precisions: single,
  },
  of(a.Softplus, a.softplus, softplus, { inputs: [given([6], [-90, -3, -0.1, 0.2, 4, 90])] }),
  of(a.Softplus, a.mish, (x) => x * Math.tanh(softplus(x)), { name: 'as Mish' }),
  {
    of: a.PRelu,
    inputs: [apart(2, 4), floats(4)],
    build: (x, s) => a.prelu(x, s),
    expected: (x, s) => [x!.data.map((v, i) => (v > 0 ? v : v * s!.data[i % 4]!))],
    precisions: single,
  },
];

/** Compositions without an entry of their own; in float64 ONNX Runtime fuses two of them into a kernel that it does not have. */
export const composedActivations: readonly Sample[] = [
  of(
    a.relu.op,
    (x) => a.relu(a.silu(x)),
    (x) => Math.max(x * sigmoid(x), 0),
    { name: 'after SiLU', precisions: single },
  ),
  of(
    a.relu.op,
    (x) => a.relu(a.quickGelu(x)),
    (x) => Math.max(x * sigmoid(1.702 * x), 0),
    { name: 'after QuickGelu', precisions: single },
  ),
  of(
    a.relu.op,
    (x) => a.relu(a.thresholdedRelu(x, 0.5)),
    (x) => (x > 0.5 ? x : 0),
    { name: 'after ThresholdedRelu' },
  ),
];

const row = (list: readonly number[]): readonly number[] => {
  const total = list.reduce((t, x) => t + Math.exp(x), 0);
  return list.map((x) => Math.exp(x) / total);
};

export const softmaxSamples: readonly Sample[] = [
  {
    of: Softmax,
    inputs: [floats(2, 4)],
    build: (x) => softmax(x),
    expected: ({ data }) => [[...row(data.slice(0, 4)), ...row(data.slice(4))]],
  },
  { of: Softmax, name: 'over the middle', inputs: [floats(2, 3, 2)], build: (x) => softmax(x, 1) },
  {
    of: LogSoftmax,
    inputs: [floats(2, 4)],
    build: (x) => logSoftmax(x),
    expected: ({ data }) => [[...row(data.slice(0, 4)), ...row(data.slice(4))].map(Math.log)],
  },
  { of: LogSoftmax, name: 'over the first', inputs: [floats(3, 2)], build: (x) => logSoftmax(x, 0) },
];
