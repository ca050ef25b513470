import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor } from '../../src/graph/type.ts';
import type { Extras, Offer, Outputs, Progress, Signals } from '../../src/methods/define.ts';
import { type BuiltParameter, noiseArrays, openContext } from '../../src/models/context.ts';

type Shapes = Readonly<Record<string, readonly number[]>>;

export interface StandInOptions {
  readonly student: Shapes;
  readonly teacher?: Shapes;
  readonly target: readonly number[];
  readonly progress?: Partial<Progress>;
  /** Number of examples in the training set. */
  readonly examples?: number;
}

/** Signals without a run behind them: every tap is an input, `shadow` and `peer` give inputs of the student's shapes. */
export interface StandIn {
  readonly graph: Graph;
  readonly signals: Signals;
  /** Parameters that were asked for. */
  params(): readonly BuiltParameter[];
  /** What the buffers become. */
  buffers(): readonly { readonly name: string; readonly after: Value }[];
  /** Numbers for everything that the loss reads. `data` gives some inputs by name (`student.logits`, `target`); the rest is drawn, labels included. */
  feeds(seed?: number, data?: Readonly<Record<string, readonly number[]>>): Readonly<Record<string, Tensor>>;
}

export function standIn({ student, teacher = {}, target, progress = {}, examples = 64 }: StandInOptions): StandIn {
  const graph = new Graph();
  const at: Progress = { step: 0, steps: 100, stepsPerEpoch: 10, ...progress };
  const fills = new Map<string, (seed: number) => Tensor>();
  const value = (name: string, shape: readonly number[], fill = normal): Value => {
    fills.set(name, (seed) => fill(name, shape, seed));
    return graph.input(name, { dtype: 'float32', shape });
  };
  const taps = (side: string, shapes: Shapes): Outputs =>
    new Map(Object.entries(shapes).map(([tap, shape]) => [tap, value(`${side}.${tap}`, shape)]));
  const offered = (shapes: Shapes) => new Map(Object.entries(shapes).map(([tap, shape]) => [tap, shape.slice(1)]));
  const { ctx, collected } = openContext(graph, 'float32', { training: true, source: 'inputs' });
  const known = new Map<string, Value>();
  const once = (name: string, make: () => Value): Value => {
    const made = known.get(name) ?? make();
    known.set(name, made);
    return made;
  };
  const models = new Map<string, Outputs>();
  const another = (name: string): Outputs => {
    const made = models.get(name) ?? taps(name, student);
    models.set(name, made);
    return made;
  };
  const extras: Extras = {
    graph,
    param: ctx.param,
    buffer: ctx.buffer,
    uniform: ctx.uniform,
    scope: ctx.scope,
    scalar: (name, of) => once(name, () => value(name, [], () => tensorOf([], [of(at)]))),
    examples,
    indices: () =>
      once('indices', () => {
        const batch = target[0]!;
        fills.set('indices', () => ({
          dtype: 'int64',
          shape: [batch],
          data: BigInt64Array.from({ length: batch }, (_, i) => BigInt((7 * i + 3) % examples)),
        }));
        return graph.input('indices', { dtype: 'int64', shape: [batch] });
      }),
    shadow: (name) => another(name),
    peer: (name) => another(name),
  };
  const offer: Offer = { student: offered(student), teacher: offered(teacher) };
  const signals: Signals = {
    student: taps('student', student),
    teacher: taps('teacher', teacher),
    target: value('target', target, labels),
    offer,
    extras,
  };
  return {
    graph,
    signals,
    params: () => collected().params,
    buffers: () => collected().buffers.map(({ name, after }) => ({ name, after })),
    feeds(seed = 1, data = {}) {
      const { params, buffers, noise } = collected();
      const drawn = [...params, ...buffers].map(({ name, shape, init }): [string, Tensor] => {
        const into = new Float32Array(sizeOf(shape));
        init(into, random(seed, `init/${name}`, 0));
        return [name, { dtype: 'float32', shape, data: into }];
      });
      const fresh = noise.map(({ name, shape, dtype, fill }): [string, Tensor] => {
        const into = new noiseArrays[dtype](sizeOf(shape));
        fill(into, random(seed, name, 0));
        return [name, { dtype, shape: shape as readonly number[], data: into }];
      });
      const inputs = [...fills].map(([name, fill]): [string, Tensor] => {
        const made = fill(seed);
        const given = data[name];
        return [name, given ? { ...made, data: Float32Array.from(given) } : made];
      });
      return Object.fromEntries([...drawn, ...fresh, ...inputs]);
    },
  };
}

const tensorOf = (shape: readonly number[], data: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

function normal(name: string, shape: readonly number[], seed: number): Tensor {
  const draws = random(seed, name, 0);
  return tensorOf(
    shape,
    Array.from({ length: sizeOf(shape) }, () => draws.normal()),
  );
}

/** One-hot rows, class i mod K for example i. */
function labels(_: string, shape: readonly number[]): Tensor {
  const [rows, width] = [shape[0]!, shape[1]!];
  const data = Array.from({ length: rows * width }, (_, i) => (i % width === Math.floor(i / width) % width ? 1 : 0));
  return tensorOf(shape, data);
}
