import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { type Built, buildModel, initialise } from '../../src/models/build.ts';
import type { ModelShape } from '../../src/models/define.ts';
import { type ImportedStudent, importStudent } from '../../src/models/imported-student.ts';
import { slice } from '../../src/ops/movement.ts';
import { reshape } from '../../src/ops/shape.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { apart } from '../support/golden.ts';
import { evaluate, numbers, openBytes } from '../support/ort.ts';
import { meanLoss, trainBySgd } from '../support/sgd.ts';

const folder = './data/models';
const engine = ortNode({ threads: 2 });
afterAll(() => engine.close());

const still = () => ({ uniform: () => 0, normal: () => 0 });
const sines = (shape: readonly number[]): Tensor =>
  tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 12.9898 + 1)),
  );

const read = (file: string, shape: ModelShape, batchNorm: 'batch' | 'running' = 'batch'): Promise<ImportedStudent> =>
  importStudent({ source: file, bytes: readFileSync(`${folder}/${file}`) }, engine, { shape, batchNorm });

async function trained(model: ImportedStudent, shape: ModelShape, x: Tensor, lossOf: (logits: Value) => Value, rate: number) {
  await model.prepare(x.shape);
  const graph = new Graph();
  const built = buildModel(model, graph, graph.input('x', x), { training: true, source: 'inputs' });
  const state = initialise(model, shape, still);
  return {
    built,
    start: state,
    ...(await trainBySgd({ built, loss: lossOf(built.logits), feeds: { x }, state, rate, steps: 4 })),
  };
}

async function evaluated(model: ImportedStudent, x: Tensor, open: Shape, state: ReadonlyMap<string, Tensor>): Promise<Tensor> {
  await model.prepare(open);
  const graph = new Graph();
  const given = graph.input('x', { dtype: 'float32', shape: open });
  const { logits } = buildModel(model, graph, given, { training: false, source: state });
  return (await evaluate({ logits }, { x })).logits!;
}

const buffersOf = (built: Built) => built.buffers.map(({ name }) => name);

describe.skipIf(!existsSync(folder))(`models of ${folder} as students`, () => {
  const pictures: ModelShape = { input: [3, 32, 32], outputs: 10 };
  const x = sines([4, 3, 32, 32]);
  const classes = (logits: Value): Value => meanLoss(logits, [3, 1, 4, 1], [1, 1, 1, 1]);

  test.each(['resnet20', 'resnet56'])(
    '%s learns by the statistics of its batches, and its file is what is evaluated',
    async (name) => {
      const model = await read(`cifar10_resnet/${name}_cifar10.onnx`, pictures);
      const { built, losses, state, start } = await trained(model, pictures, x, classes, 0.01);
      expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
      expect(buffersOf(built)).toContain('layer3.1.bn2.running_var');
      expect(built.params.every((p) => !p.name.includes('running'))).toBe(true);
      for (const b of buffersOf(built)) expect(numbers(state.get(b)!)).not.toEqual(numbers(start.get(b)!));

      const session = await openBytes(model.file(state)!);
      const { logits } = await session.run({ input: x });
      await session.close();
      expect(apart(numbers(await evaluated(model, x, ['N', 3, 32, 32], state)), numbers(logits!))).toBeLessThan(1e-4);
    },
  );

  test('running statistics stay as they are where they are to be used', async () => {
    const model = await read('cifar10_resnet/resnet20_cifar10.onnx', pictures, 'running');
    const { losses, state, start } = await trained(model, pictures, x, classes, 0.001);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    for (const w of model.weights.filter((w) => w.running))
      expect(numbers(state.get(w.name)!)).toEqual(numbers(start.get(w.name)!));
    const first = (await evaluated(model, x, ['N', 3, 32, 32], start)) as Tensor;
    const rows = Array.from({ length: 4 }, (_, r) => numbers(first).slice(10 * r, 10 * r + 10));
    const nll = rows.map((row, r) => Math.log(row.reduce((s, z) => s + Math.exp(z), 0)) - row[[3, 1, 4, 1][r]!]!);
    expect(losses[0]).toBeCloseTo(nll.reduce((a, b) => a + b, 0) / 4, 3);
  });

  test('stories260K learns to say what comes next', async () => {
    const texts: ModelShape = { input: [2, 24], outputs: 512, vocabulary: 512 };
    const model = await read('stories260K/stories260K.onnx', texts);
    expect(model.vocabulary).toBe(512);
    const names = model.weights.map((w) => w.name);
    expect(names).not.toContain('rope_cos');
    expect(names).not.toContain('causal');
    const ids = Array.from({ length: 3 * 24 }, (_, i) => 3 + ((i * 37) % 500));
    const rows = Array.from({ length: 3 }, (_, r) => [...ids.slice(24 * r, 24 * r + 24), ...Array(24).fill(1)]);
    const tokens = tensor('float32', [3, 2, 24], rows.flat());
    const next = (logits: Value): Value => {
      const said = reshape(slice(logits, [0], [23], [1]), [-1, 512]);
      const wanted = Array.from({ length: 3 }, (_, r) => ids.slice(24 * r + 1, 24 * r + 24)).flat();
      return meanLoss(
        said,
        wanted,
        wanted.map(() => 1),
      );
    };
    const { losses, state } = await trained(model, texts, tokens, next, 0.1);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.3);

    const session = await openBytes(model.file(state)!);
    const { logits } = await session.run({ input_ids: tensor('int64', [3, 24], ids) });
    await session.close();
    expect(apart(numbers(await evaluated(model, tokens, ['N', 2, 'L'], state)), numbers(logits!))).toBeLessThan(1e-4);
  });

  test('a file for one example at a time is trained in batches, and evaluated in any', async () => {
    const shape: ModelShape = { input: [1, 28, 28], outputs: 10 };
    const model = await read('mnist_cntk/mnist.onnx', shape);
    const digits = sines([4, 1, 28, 28]);
    const { losses, state } = await trained(model, shape, digits, classes, 0.01);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    const all = numbers(await evaluated(model, digits, ['N', 1, 28, 28], state));
    const session = await openBytes(model.file(state)!);
    const third = tensor('float32', [1, 1, 28, 28], numbers(digits).slice(2 * 784, 3 * 784));
    const alone = await session.run({ Input3: third });
    await session.close();
    expect(apart(all.slice(20, 30), numbers(alone.Plus214_Output_0!))).toBeLessThan(1e-4);
  });

  test('a student that does not fit its data says so', async () => {
    const resnet = 'cifar10_resnet/resnet20_cifar10.onnx';
    await expect(read(resnet, { input: [1, 28, 28], outputs: 10 })).rejects.toThrow("wants [N,3,32,32] at 'input', and an example is [1,28,28] after student.preprocess"); // biome-ignore format: one message
    await expect(read(resnet, { input: [2, 24], outputs: 10, vocabulary: 9 })).rejects.toThrow('an example is [2,24]');
    await expect(read('stories260K/stories260K.onnx', pictures)).rejects.toThrow('it takes token ids, so the data must be texts');
    await expect(read('squeezenet_fp16/SqueezeNet_fp16.onnx', { input: [3, 224, 224], outputs: 1000 })).rejects.toThrow('are float16'); // biome-ignore format: one message
  });
});
