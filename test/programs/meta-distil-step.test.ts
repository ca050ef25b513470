import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import { type ArchitectureOptions, architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { initialise } from '../../src/models/build.ts';
import type { Model } from '../../src/models/define.ts';
import { encodeRepeated, repeated } from '../../src/onnx/repeat.ts';
import { mean } from '../../src/ops/reduce.ts';
import { optimizerSchema } from '../../src/optim/presets.ts';
import { buildDistilStep, quizAfterPilot } from '../../src/programs/meta-distil/distil-step.ts';
import { options as programOptions } from '../../src/programs/meta-distil/options.ts';
import { forward, type Params } from '../../src/programs/unrolled/inner.ts';
import { tuned } from '../../src/run/lowering.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { placeForRuns } from '../support/runs.ts';

const classes = 3;
const rows = 6;
type Weights = ReadonlyMap<string, Tensor>;

const modelOf = (options: object, input: readonly number[]): Model =>
  createModel(architectureSchema.parse(options) as ArchitectureOptions, { input, outputs: classes });
const drawn = (model: Model, input: readonly number[], seed: number): Map<string, Tensor> =>
  initialise(model, { input, outputs: classes }, (name) => random(seed, name));
const normals = (shape: readonly number[], seed: number): number[] => {
  const draws = random(seed, 'meta-distil-test');
  return Array.from({ length: sizeOf(shape) }, () => draws.normal());
};
const oneHot = Array.from({ length: rows * classes }, (_, i) => Number(Math.floor(i / classes) % classes === i % classes));

/** The loss on the quiz by the weights of the teacher, and its gradient, as one graph in double precision. */
function quizGraph(student: object, teacher: object, input: readonly number[], mixture: { soft: number; hard: number }) {
  const graph = new Graph();
  const constant = (shape: readonly number[], values: readonly number[]): Value =>
    graph.constant(tensor('float64', shape, values));
  const double = (weights: Weights): Weights =>
    new Map([...weights].map(([name, t]) => [name, tensor('float64', t.shape, Array.from(t.data as Float32Array))]));
  const [pupil, master] = [modelOf(student, input), modelOf(teacher, input)];
  const start = double(drawn(master, input, 3));
  const params: Params = new Map([...start].map(([name, t]) => [name, graph.input(name, { dtype: 'float64', shape: t.shape })]));
  const own: Params = new Map([...double(drawn(pupil, input, 4))].map(([name, t]) => [name, graph.constant(t)]));
  const [x, quiz] = [
    constant([rows, ...input], normals([rows, ...input], 1)),
    constant([rows, ...input], normals([rows, ...input], 2)),
  ];
  const target = constant([rows, classes], oneHot);
  const loss = quizAfterPilot(
    own,
    { logits: (p) => forward(graph, pupil, p, x), target, teacher: forward(graph, master, params, x) },
    (p) => mean(crossEntropy(forward(graph, pupil, p, quiz), target)),
    { mixture: { ...mixture, temperature: 2 }, rate: 0.5 },
  );
  const gradients = grad(loss, [...params.values()]);
  const outputs = { loss, ...Object.fromEntries([...params.keys()].map((name, i) => [`d.${name}`, gradients[i]!])) };
  return { start, run: (at: Weights) => evaluate(outputs, Object.fromEntries(at)) };
}

describe('the gradient of a quiz by the teacher', () => {
  it('is that of central differences, through the step of the student', async () => {
    const made = quizGraph(
      { kind: 'mlp', hidden: [5], activation: 'tanh' },
      { kind: 'mlp', hidden: [4], activation: 'tanh' },
      [4],
      {
        soft: 0.6,
        hard: 0.4,
      },
    );
    const own = await made.run(made.start);
    let [worst, size] = [0, 0];
    for (const [name, t] of made.start) {
      for (let i = 0; i < t.data.length; i += Math.max(1, Math.floor(t.data.length / 5))) {
        const at = async (by: number): Promise<number> => {
          const values = Array.from(t.data as Float64Array);
          values[i]! += by;
          return numbers((await made.run(new Map(made.start).set(name, tensor('float64', t.shape, values)))).loss!)[0]!;
        };
        const slope = ((await at(1e-4)) - (await at(-1e-4))) / 2e-4;
        worst = Math.max(worst, Math.abs(slope - numbers(own[`d.${name}`]!)[i]!));
        size = Math.max(size, Math.abs(slope));
      }
    }
    expect(size).toBeGreaterThan(1e-3);
    expect(worst / size).toBeLessThan(1e-6);
  });

  it('is zero where the student does not listen', async () => {
    const made = quizGraph({ kind: 'mlp', hidden: [5] }, { kind: 'mlp', hidden: [4] }, [4], { soft: 0, hard: 1 });
    const own = await made.run(made.start);
    for (const name of made.start.keys()) for (const v of numbers(own[`d.${name}`]!)) expect(v).toBeCloseTo(0, 12);
  });
});

const { engine } = placeForRuns('meta-distil-step');

/** What some steps of the graph make of a teacher. */
async function taughtBy(change: object, soft: number, teacher: object = { kind: 'mlp', hidden: [4] }, steps = 3) {
  const input = [1, 4, 4];
  const [pupil, master] = [modelOf({ kind: 'mlp', hidden: [5] }, input), modelOf(teacher, input)];
  const [student, its] = [drawn(pupil, input, 4), drawn(master, input, 3)];
  const fixed = new Map([...its].filter(([name]) => name.includes('running')));
  const params = new Map([...its].filter(([name]) => !fixed.has(name)));
  const learner = (model: Model, tensors: Weights, kept: Weights = new Map()) => ({
    model,
    preprocess: (view: Value) => view,
    params: tensors,
    fixed: kept,
  });
  const step = await buildDistilStep(
    {
      student: learner(pupil, student),
      teacher: learner(master, params, fixed),
      view: input,
      classes,
      batchSize: rows,
      quizSize: rows,
      mixture: { soft, hard: 1 - soft, temperature: 2 },
      optimizer: optimizerSchema.parse({ kind: 'sgd' }),
      program: programOptions.parse({ kind: 'meta-distil', ...change }),
      steps,
    },
    'adapts',
  );
  const state = new Map([...student, ...[...params].map(([name, t]) => [`teacher.${name}`, t] as const), ...step.slots]);
  const session = await engine().openStateful(
    encodeRepeated(await tuned(engine())(step.graph), step.links),
    step.links.map(({ input: name }) => ({ input: repeated.before(name), output: repeated.after(name) })),
    Object.fromEntries([...state].map(([name, t]) => [repeated.before(name), { ...t, data: t.data.slice() } as Tensor])),
  );
  const feed = (name: string, shape: readonly number[], values: readonly number[]) =>
    [repeated.each(name), tensor('float32', [steps, ...shape], Array.from({ length: steps }, () => values).flat())] as const;
  await session.run({
    ...Object.fromEntries([
      feed('view', [rows, ...input], normals([rows, ...input], 1)),
      feed('target', [rows, classes], oneHot),
      feed('quiz.view', [rows, ...input], normals([rows, ...input], 2)),
      feed('quiz.target', [rows, classes], oneHot),
      ...step.scalars.map(
        ({ name, at }) =>
          [
            repeated.each(name),
            tensor(
              'float32',
              [steps],
              Array.from({ length: steps }, (_, i) => at(i)),
            ),
          ] as const,
      ),
    ]),
    [repeated.times]: { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(steps)) },
  });
  const after = await session.readState();
  await session.release();
  const change_ = (tensors: Weights, prefix = ''): number =>
    Math.max(
      ...[...tensors].flatMap(([name, t]) => {
        const now = after[repeated.before(prefix + name)]!.data as Float32Array;
        return Array.from(t.data as Float32Array, (v, i) => Math.abs(v - now[i]!));
      }),
    );
  return { student: change_(student), teacher: change_(params, 'teacher.') };
}

describe('a step', () => {
  it('moves the teacher only where the student listens to it and a step is tried', async () => {
    const usual = await taughtBy({}, 0.5);
    expect(usual.teacher).toBeGreaterThan(1e-5);
    expect(usual.student).toBeGreaterThan(1e-3);
    expect((await taughtBy({ pilot: { rate: 0 } }, 0.5)).teacher).toBe(0);
    expect((await taughtBy({}, 0)).teacher).toBe(0);
    expect((await taughtBy({ pilot: { rate: 0 }, teacher: { labels: 1 } }, 0.5)).teacher).toBeGreaterThan(1e-5);
  });

  it('teaches by the teacher that is moved already', async () => {
    const rate = (learningRate: number) => ({ teacher: { optimizer: { kind: 'adam', learningRate } } });
    const [little, much] = [await taughtBy(rate(1e-4), 0.9, undefined, 1), await taughtBy(rate(0.5), 0.9, undefined, 1)];
    expect(Math.abs(little.student - much.student)).toBeGreaterThan(1e-4);
  });

  it('carries a teacher with batch normalisation', async () => {
    expect((await taughtBy({}, 0.5, { kind: 'cnn', channels: [3] })).teacher).toBeGreaterThan(1e-5);
  });
});
