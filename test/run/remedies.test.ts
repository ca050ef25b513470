import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModelFile } from '../../src/data/model-file.ts';
import { random } from '../../src/data/random.ts';
import { fromArrays } from '../../src/data/readers/arrays.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { importModel } from '../../src/models/import.ts';
import { encode } from '../../src/onnx/encode.ts';
import { greater, mul } from '../../src/ops/elementwise.ts';
import { concat, slice } from '../../src/ops/movement.ts';
import { where } from '../../src/ops/select.ts';
import { lower } from '../../src/passes/lower.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import type { Results } from '../../src/run/record.ts';
import { runRecipe } from '../../src/run/run.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Runtime } from '../../src/runtime/port.ts';
import { cpu } from '../support/ort.ts';
import { quick } from '../support/runs.ts';

const classes = 4;
const data = { kind: 'blobs', size: 600, features: 2, classes, clusters: 2 };
const training = { epochs: 12, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } };
const student = { model: { kind: 'mlp', hidden: [32] } };

const root = mkdtempSync(join(tmpdir(), 'potstill-remedies-'));
let runtime: Runtime;
let folders = 0;
const run = async (recipe: object): Promise<Results> => {
  const directory = join(root, `run-${folders++}`);
  const parsed = parseRecipe({ data, student, training, controls: { scratch: false }, examples: 0, ...recipe });
  return (await runRecipe(parsed, { directory, runtime, milliseconds: quick })).results;
};
const mean = (results: Results, metric: string): number => results.distilled.metrics[metric]!.mean;

/** The good teacher with a change of what it says, as a file. */
async function planted(name: string, change: (logits: Value, x: Value) => Value): Promise<string> {
  const good = await importModel(loadModelFile(join(root, 'run-0/student/onnx/model.onnx')), runtime, { open: true });
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: good.inputs[0]!.shape });
  graph.output('logits', change(good.instantiate(graph, { [good.inputs[0]!.name]: x }).logits!, x));
  const path = join(root, `${name}.onnx`);
  writeFileSync(path, encode(lower(graph, cpu)));
  return path;
}
/** Logits with the classes moved on by one. */
const rolled = (z: Value): Value => concat([slice(z, [1], [classes], [1]), slice(z, [0], [1], [1])], 1);

beforeAll(async () => {
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  runtime = ortNode({ threads: 1 });
  await run({});
});
afterAll(async () => {
  await runtime.close();
  rmSync(root, { recursive: true, force: true });
});

describe('remedies for planted failures of a teacher', () => {
  it('correction: a teacher that is wrong in half of the space misleads, and no longer when its mistakes are dropped or swapped', async () => {
    const model = await planted('wrong', (z, x) => where(greater(slice(x, [0], [1], [1]), 0), rolled(z), z));
    const teacher = { kind: 'onnx', model };
    const losses = [{ kind: 'kd', temperature: 1 }];
    const misled = mean(await run({ teacher, losses }), 'accuracy');
    for (const how of ['swap', 'drop']) {
      const mended = mean(await run({ teacher, losses, repairs: [{ repair: 'correct', how }] }), 'accuracy');
      expect(mended - misled).toBeGreaterThan(0.1);
    }
  });

  it('tempering and smoothing: the student of an overconfident teacher is better calibrated with them', async () => {
    const teacher = { kind: 'onnx', model: await planted('sure', (z) => mul(z, 20)) };
    const losses = [{ kind: 'kd', temperature: 1 }];
    const sure = mean(await run({ teacher, losses }), 'nll');
    expect(mean(await run({ teacher, losses, repairs: [{ repair: 'temper', temperature: 20 }] }), 'nll')).toBeLessThan(sure);
    expect(mean(await run({ teacher, losses, repairs: [{ repair: 'smooth', epsilon: 0.1 }] }), 'nll')).toBeLessThan(sure);
    expect(mean(await run({ teacher, losses: [...losses, { kind: 'confidence-penalty', beta: 0.3 }] }), 'nll')).toBeLessThan(
      sure,
    );
  });
});

/** Two classes on either side of a plane among many numbers, with the labels of some training examples turned over. */
function noisyPlane(noise: number) {
  const width = 20;
  const draws = random(3, 'noisy-plane');
  const part = (size: number, wrong: number) => {
    const x = Float32Array.from({ length: width * size }, () => draws.normal());
    const labels = Array.from({ length: size }, (_, i) => Number(x[width * i]! + x[width * i + 1]! > 0));
    return { x, labels: labels.map((y) => (draws.uniform() < wrong ? 1 - y : y)) };
  };
  return fromArrays({ train: part(600, noise), test: part(1000, 0) }, { shape: [width] });
}

it('planted noise: leaving out the examples with the highest loss helps where labels are wrong', async () => {
  const accuracy = async (examples: object[]): Promise<number> => {
    const directory = join(root, `run-${folders++}`);
    const recipe = parseRecipe({
      data: { kind: 'arrays', validation: 0, test: 1000 },
      student: { model: { kind: 'mlp', hidden: [128, 128] } },
      losses: [{ kind: 'labels', examples }],
      training: { ...training, epochs: 40 },
      examples: 0,
    });
    const { results } = await runRecipe(recipe, { directory, runtime, milliseconds: quick, supplied: { data: noisyPlane(0.3) } });
    return mean(results, 'accuracy');
  };
  const share = { schedule: 'linear', from: 1, to: 0.6, begin: 0, end: 0.3 };
  expect((await accuracy([{ by: 'curriculum', share }])) - (await accuracy([]))).toBeGreaterThan(0.02);
});
