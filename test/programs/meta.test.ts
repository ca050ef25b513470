import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import { type ArchitectureOptions, architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { initialise } from '../../src/models/build.ts';
import { mean } from '../../src/ops/reduce.ts';
import { parsePlan } from '../../src/programs/parse.ts';
import { adapted, forward, supportLoss } from '../../src/programs/unrolled/inner.ts';
import type { Spread } from '../../src/run/record.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

/** The loss on a query after adaptation, and its gradient by the start, as one graph. */
function metaGraph(options: object, input: readonly number[], dtype: 'float64' | 'float32', secondOrder: boolean, steps = 2) {
  const shape = { input, outputs: 3 };
  const model = createModel(architectureSchema.parse(options) as ArchitectureOptions, shape);
  const graph = new Graph();
  const draws = random(1, 'meta-test');
  const noise = (size: readonly number[]) =>
    graph.constant(
      tensor(
        dtype,
        size,
        Array.from({ length: size.reduce((a, b) => a * b, 1) }, () => draws.normal()),
      ),
    );
  const hot = (rows: number) =>
    graph.constant(
      tensor(
        dtype,
        [rows, 3],
        Array.from({ length: rows * 3 }, (_, i) => Number(Math.floor(i / 3) % 3 === i % 3)),
      ),
    );
  const start = new Map(
    [...initialise(model, shape, (name) => random(2, name))].map(([name, t]) => [
      name,
      tensor(dtype, t.shape, Array.from(t.data as Float32Array)),
    ]),
  );
  const params = new Map([...start].map(([name, t]) => [name, graph.input(name, { dtype, shape: t.shape })]));
  const support = { x: noise([6, ...input]), target: hot(6), teacher: noise([6, 3]) };
  const after = adapted(
    params,
    (p) => supportLoss(forward(graph, model, p, support.x), support, { soft: 0.6, hard: 0.4, temperature: 2, steps }),
    { steps, rate: 0.5, secondOrder },
  );
  const loss = mean(crossEntropy(forward(graph, model, after, noise([6, ...input])), hot(6)));
  const gradients = grad(loss, [...params.values()]);
  const outputs = { loss, ...Object.fromEntries([...params.keys()].map((name, i) => [`d.${name}`, gradients[i]!])) };
  return { start, outputs, run: (at: ReadonlyMap<string, Tensor>) => evaluate(outputs, Object.fromEntries(at)) };
}

const moved = (start: ReadonlyMap<string, Tensor>, name: string, i: number, by: number): Map<string, Tensor> => {
  const t = start.get(name)!;
  const values = Array.from(t.data as Float64Array);
  values[i]! += by;
  return new Map(start).set(name, tensor(t.dtype, t.shape, values));
};

/** Largest difference to central differences, by the size of the gradient. */
async function error(made: ReturnType<typeof metaGraph>, step: number): Promise<number> {
  const own = await made.run(made.start);
  let [worst, size] = [0, 0];
  for (const [name, t] of made.start) {
    const slopes = numbers(own[`d.${name}`]!);
    for (let i = 0; i < t.data.length; i += Math.max(1, Math.floor(t.data.length / 4))) {
      const [up, down] = [await made.run(moved(made.start, name, i, step)), await made.run(moved(made.start, name, i, -step))];
      const slope = (numbers(up.loss!)[0]! - numbers(down.loss!)[0]!) / (2 * step);
      worst = Math.max(worst, Math.abs(slope - slopes[i]!));
      size = Math.max(size, Math.abs(slope));
    }
  }
  return worst / size;
}

describe('gradients through adaptation', () => {
  it('of second order are those of central differences, in double precision; of first order they are not', async () => {
    const options = { kind: 'mlp', hidden: [5], activation: 'tanh' };
    expect(await error(metaGraph(options, [4], 'float64', true), 1e-5)).toBeLessThan(1e-7);
    expect(await error(metaGraph(options, [4], 'float64', false), 1e-5)).toBeGreaterThan(1e-2);
  });

  it('of second order pass through convolutions and pooling', async () => {
    const options = { kind: 'cnn', channels: [3], batchNorm: false, activation: 'tanh', pool: 'average' };
    expect(await error(metaGraph(options, [1, 6, 6], 'float32', true), 1e-2)).toBeLessThan(2e-2);
  });
});

const recipe = {
  name: 'tasks',
  program: {
    kind: 'meta',
    ways: 2,
    newClasses: 3,
    orders: ['first', 'second', 'reptile'],
    shots: [1, 3],
    training: { episodes: 24, shots: 2, queries: 3, rate: 0.1 },
    adaptation: { steps: 2, rates: [0.05, 0.2], tasks: 10, queries: 4 },
  },
  data: { kind: 'glyphs', size: 500, classes: 7, pixels: 10, distortion: 0.3, noise: 0.3 },
  teacher: { kind: 'train', model: { kind: 'mlp', hidden: [24] }, training: { epochs: 1, batchSize: 32 } },
  student: { model: { kind: 'mlp', hidden: [12] } },
  objective: { alpha: 0.5, temperature: 2 },
  training: { epochs: 1, batchSize: 32 },
  seeds: 1,
};

const { folder, startProgram, interruptedProgram } = placeForRuns('meta');

describe('meta', () => {
  it('adapts from every start to the same new tasks, stopped or not', async () => {
    const [once, stopped] = [folder(), folder()];
    const { results } = await startProgram(recipe, { directory: once });
    const rows = results.tables[0]!.rows;
    expect(rows.map((r) => r.name)).toEqual([
      'from chance',
      'from ordinary pre-training',
      'meta-learnt, first order',
      'meta-learnt, second order',
      'meta-learnt, Reptile',
    ]);
    for (const { cells } of rows) for (const cell of cells) expect((cell as Spread).mean).toBeGreaterThan(0.3);
    expect(await interruptedProgram(recipe, stopped, 2)).toBeGreaterThan(4);
    const what = /(weights\.safetensors|remembered.*\.json)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).length).toBeGreaterThan(13);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('refuses too few classes or examples, and students that keep statistics', async () => {
    expect(() => parsePlan({ ...recipe, program: { kind: 'meta', ways: 4, newClasses: 3 } })).toThrow(
      /program\.newClasses: found 3/,
    );
    await expect(startProgram({ ...recipe, program: { ...recipe.program, newClasses: 6 } })).rejects.toThrow(
      /found data with 7 classes, of which 6 are kept/,
    );
    await expect(startProgram({ ...recipe, program: { ...recipe.program, shots: [400] } })).rejects.toThrow(
      /too few examples of class/,
    );
    await expect(startProgram({ ...recipe, student: { model: { kind: 'cnn', channels: [4] } } })).rejects.toThrow(
      /with 'bn1\.running_mean'.*expected a student without running statistics/,
    );
  });
});
