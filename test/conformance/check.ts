import { expect } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { carriesGradient, Graph, type Operator, type Value } from '../../src/graph/graph.ts';
import { neededNodes } from '../../src/graph/needed.ts';
import { arrayOf, type DType, sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { encode } from '../../src/onnx/encode.ts';
import { toGraph } from '../../src/onnx/to-graph.ts';
import { specOf } from '../../src/ops/define.ts';
import { add, cast, mul } from '../../src/ops/elementwise.ts';
import { operators } from '../../src/ops/index.ts';
import { sum } from '../../src/ops/reduce.ts';
import { type Choose, candidates } from '../../src/passes/lower.ts';
import { cpu, evaluate, type Feeds, lowered, numbers, open } from '../support/ort.ts';

/** One input of a sample: floats take the precision under test, others are as they are. */
export type Input =
  | { readonly kind: 'floats'; readonly shape: readonly number[]; readonly value: (i: number, next: () => number) => number }
  | { readonly kind: 'fixed'; readonly tensor: Tensor };

export type Precision = 'float32' | 'float64';

/** A use of an entry that the suite checks: values, first and second derivatives, every lowering. */
export interface Sample {
  readonly of: Operator;
  readonly name?: string;
  readonly inputs: readonly Input[];
  readonly build: (...inputs: Value[]) => Value | readonly Value[];
  /** What the outputs must be, one list of numbers each; only entries that nothing else pins down can do without. */
  readonly expected?: (...inputs: Plain[]) => readonly (readonly number[])[];
  /** Both unless ONNX Runtime has no float64 kernel. */
  readonly precisions?: readonly Precision[];
  /** No derivative is asked for: the entry has none, or values only are of interest. */
  readonly values?: true;
}

export interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Numbers between −2 and 2. */
export const floats = (...shape: number[]): Input => ({ kind: 'floats', shape, value: (_, next) => next() * 4 - 2 });
/** Numbers between two others. */
export const between = (low: number, high: number, ...shape: number[]): Input => ({
  kind: 'floats',
  shape,
  value: (_, next) => low + next() * (high - low),
});
/** Numbers that differ from each other, from 0 and from ±1 by far more than a difference step; for kinks, maxima and sorting. */
export const apart = (...shape: number[]): Input => {
  const n = sizeOf(shape);
  const order = random(7, 'apart').permutation(n);
  return { kind: 'floats', shape, value: (i) => ((order[i]! + 0.55) / n) * 4.2 - 2.1 };
};
export const given = (shape: readonly number[], values: readonly number[]): Input => ({
  kind: 'floats',
  shape,
  value: (i) => values[i]!,
});
export const ints = (shape: readonly number[], values: readonly number[], dtype: DType = 'int64'): Input => ({
  kind: 'fixed',
  tensor: tensor(dtype, shape, values),
});
export const bools = (shape: readonly number[], values: readonly number[]): Input => ints(shape, values, 'bool');

interface Accuracy {
  readonly step: number;
  readonly values: number;
  readonly gradient: number;
}
const accuracies: Readonly<Record<Precision, Accuracy>> = {
  float64: { step: 1e-5, values: 1e-10, gradient: 2e-7 },
  float32: { step: 2 ** -7, values: 2e-5, gradient: 4e-3 },
};

interface Built {
  readonly outputs: Readonly<Record<string, Value>>;
  readonly feeds: Record<string, Tensor>;
  readonly targets: readonly string[];
  readonly results: readonly Value[];
  readonly nodes: Graph['nodes'];
}

/** What a sample is run in; one that has no floats needs one run only. */
export const precisionsOf = (sample: Sample): readonly Precision[] =>
  sample.precisions ?? (sample.inputs.some((input) => input.kind === 'floats') ? ['float32', 'float64'] : ['float32']);

/** A weight for every element, so that no error can cancel another. */
function weighted(values: readonly Value[], purpose: string, precision: Precision): Value {
  const parts = values.map((v, i) => {
    const next = random(11, purpose, i);
    const list = Array.from({ length: sizeOf(v.shape) }, () => next.uniform() * 2 - 0.7);
    return sum(mul(cast(v, precision), v.graph.constant(tensor(precision, v.shape as number[], list))));
  });
  return parts.reduce((a, b) => add(a, b));
}

function build(sample: Sample, precision: Precision): Built {
  const graph = new Graph();
  const feeds: Record<string, Tensor> = {};
  const inputs = sample.inputs.map((input, k) => {
    const name = `x${k}`;
    const next = random(3, 'sample', k);
    const made =
      input.kind === 'fixed'
        ? input.tensor
        : tensor(
            precision,
            input.shape,
            Array.from({ length: sizeOf(input.shape) }, (_, i) => input.value(i, () => next.uniform())),
          );
    feeds[name] = made;
    return graph.input(name, { dtype: made.dtype, shape: made.shape });
  });
  const made = sample.build(...inputs);
  const results = Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
  const outputs: Record<string, Value> = Object.fromEntries(results.map((y, i) => [`y${i}`, y]));
  const smooth = results.filter(carriesGradient);
  const targets = inputs.filter(carriesGradient);
  const names = targets.map((v) => `x${inputs.indexOf(v)}`);
  if (sample.values || smooth.length === 0 || targets.length === 0)
    return { outputs, feeds, targets: [], results, nodes: graph.nodes };

  const loss = weighted(smooth, 'loss', precision);
  const first = grad(loss, targets);
  const slope = weighted(first, 'slope', precision);
  const second = grad(slope, targets);
  outputs.loss = loss;
  outputs.slope = slope;
  first.forEach((g, i) => {
    outputs[`d ${names[i]}`] = g;
  });
  second.forEach((g, i) => {
    outputs[`dd ${names[i]}`] = g;
  });
  return { outputs, feeds, targets: names, results, nodes: graph.nodes };
}

/** Central differences of two numbers with respect to every element of an input. */
async function differences(
  run: (feeds: Feeds) => Promise<Readonly<Record<string, Tensor>>>,
  feeds: Feeds,
  name: string,
  step: number,
): Promise<{ readonly loss: readonly number[]; readonly slope: readonly number[] }> {
  const t = feeds[name]!;
  const at = async (i: number, by: number) => {
    const data = t.data.slice() as Float64Array;
    data[i]! += by;
    const { loss, slope } = await run({ ...feeds, [name]: { ...t, data } });
    return { loss: numbers(loss!)[0]!, slope: numbers(slope!)[0]!, x: data[i]! };
  };
  const loss: number[] = [];
  const slope: number[] = [];
  for (let i = 0; i < t.data.length; i++) {
    const [up, down] = [await at(i, step), await at(i, -step)];
    loss.push((up.loss - down.loss) / (up.x - down.x));
    slope.push((up.slope - down.slope) / (up.x - down.x));
  }
  return { loss, slope };
}

/** Compares lists of numbers relative to the largest of them. */
export function expectClose(actual: readonly number[], wanted: readonly number[], tolerance: number, what: string): void {
  expect(actual.length, `${what}: how many`).toBe(wanted.length);
  const scale = Math.max(1, ...wanted.filter(Number.isFinite).map(Math.abs));
  const off = wanted.findIndex((w, i) => !(Math.abs(actual[i]! - w) <= tolerance * scale) && !Object.is(actual[i], w));
  if (off >= 0) {
    expect.fail(
      `${what}, element ${off}: ${actual[off]}, wanted ${wanted[off]}\n  got    ${actual.join(' ')}\n  wanted ${wanted.join(' ')}`,
    );
  }
}

const plain = (t: Tensor): Plain => ({ shape: t.shape, data: numbers(t) });

/** Everything the suite knows to ask of a sample. */
export async function checkSample(sample: Sample, precision: Precision): Promise<void> {
  const accuracy = accuracies[precision];
  const built = build(sample, precision);
  expect(
    built.nodes.some((node) => node.op === sample.of),
    `the sample does not use ${sample.of.onnx}`,
  ).toBe(true);

  const session = await open(built.outputs);
  const base = await session.run(built.feeds);
  built.results.forEach((y, i) => {
    const t = base[`y${i}`]!;
    expect(t.dtype, 'element type').toBe(y.dtype);
    if (y.shape.every((d) => typeof d === 'number')) expect(t.shape, 'shape').toEqual(y.shape);
  });
  const wanted = sample.expected?.(...Object.values(built.feeds).map(plain));
  wanted?.forEach((list, i) => {
    expectClose(numbers(base[`y${i}`]!), list, accuracy.values, `output ${i}`);
  });
  for (const name of built.targets) {
    const { loss, slope } = await differences((feeds) => session.run(feeds), built.feeds, name, accuracy.step);
    expectClose(numbers(base[`d ${name}`]!), loss, accuracy.gradient, `d loss / d ${name}`);
    expectClose(numbers(base[`dd ${name}`]!), slope, accuracy.gradient, `d slope / d ${name}`);
  }
  await session.close();
  await checkLowerings(built, base, accuracy);
  await checkReadBack(built, base, accuracy);
}

/** Names of nodes that are not of the table: what could not be read. */
export const unknown = (graph: Graph): readonly string[] =>
  graph.nodes.filter((node) => !operators.some((entry) => entry === node.op)).map((node) => node.op.onnx);

/** The outputs, written to a file and read from it, are the same operators: nothing foreign, nothing else. */
async function checkReadBack(built: Built, base: Readonly<Record<string, Tensor>>, accuracy: Accuracy): Promise<void> {
  if (neededNodes(built.results[0]!.graph, built.results).some((node) => node.op.domain === 'potstill')) return;
  const values = Object.fromEntries(built.results.map((y, i) => [`y${i}`, y]));
  const graph = toGraph(readModel(encode(lowered(values))), 'sample');
  expect(unknown(graph)).toEqual([]);
  const again = await evaluate(Object.fromEntries(graph.outputs), built.feeds);
  for (const [name, t] of Object.entries(again))
    expectClose(numbers(t), numbers(base[name]!), accuracy.values, `${name}, read back`);
}

/** Every way to compute an operator gives what the first one gives. */
async function checkLowerings(built: Built, base: Readonly<Record<string, Tensor>>, accuracy: Accuracy): Promise<void> {
  const needed = new Set(neededNodes(built.results[0]!.graph, Object.values(built.outputs)));
  const names = new Set(
    built.nodes.filter((n) => needed.has(n) && specOf(n).lowerings).flatMap((n) => candidates(n, cpu).map((way) => way.name)),
  );
  for (const name of names) {
    let used = false;
    const choose: Choose = (_, ways) => {
      const at = ways.findIndex((way) => way.name === name);
      used ||= at > 0;
      return Math.max(at, 0);
    };
    const session = await open(built.outputs, choose);
    if (used) {
      const other = await session.run(built.feeds);
      for (const [output, t] of Object.entries(base)) {
        expectClose(numbers(other[output]!), numbers(t), accuracy.values * 10, `lowering '${name}', ${output}`);
      }
    }
    await session.close();
  }
}

/** Elements of a plain tensor, read by coordinates. */
export const at = ({ shape, data }: Plain, ...place: number[]): number =>
  data[place.reduce((offset, p, i) => offset * shape[i]! + p, 0)]!;

/** A list made by calling with every coordinate of a shape, last axis fastest. */
export function every(shape: readonly number[], value: (...place: number[]) => number): readonly number[] {
  const places = shape.reduce<number[][]>((list, n) => list.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]]);
  return places.map((p) => value(...p));
}

/** A float tensor of the precision under test. */
export const constant = (like: Value, shape: readonly number[], values: readonly number[]): Value =>
  like.graph.constant({ dtype: like.dtype, shape, data: Object.assign(new (arrayOf(like.dtype))(values.length), values) });
