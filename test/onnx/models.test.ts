import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/graph/type.ts';
import { importModel } from '../../src/models/import.ts';
import type { Sizes } from '../../src/models/sizes.ts';
import { encode } from '../../src/onnx/encode.ts';
import { lower } from '../../src/passes/lower.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { numbersOf, sampleOf } from './samples.ts';

const folder = './data/models';

interface Case {
  readonly file: string;
  readonly sizes: Sizes;
  readonly tolerance: number;
  readonly opset?: number;
  readonly kept?: readonly string[];
  readonly inputs?: Readonly<Record<string, Tensor>>;
}

const rate: Tensor = { dtype: 'int64', shape: [], data: BigInt64Array.of(16000n) };

const cases: readonly Case[] = [
  { file: 'cifar10_resnet/resnet20_cifar10.onnx', sizes: { batch: 4 }, tolerance: 1e-5 },
  { file: 'cifar10_resnet/resnet56_cifar10.onnx', sizes: { batch: 2 }, tolerance: 1e-5 },
  { file: 'mnist_cntk/mnist.onnx', sizes: {}, tolerance: 1e-5 },
  { file: 'squeezenet_fp16/SqueezeNet_fp16.onnx', sizes: {}, tolerance: 2e-3 },
  { file: 'stories260K/stories260K.onnx', sizes: { batch: 2, dims: { T: 16 } }, tolerance: 1e-5 },
  {
    file: 'silero_vad/silero_vad_16k_op15.onnx',
    sizes: { batch: 2, dims: { sequence: 512 } },
    tolerance: 1e-5,
    kept: ['LSTM'],
    inputs: { sr: rate },
  },
  {
    file: 'silero_vad/silero_vad.onnx',
    sizes: { open: true },
    tolerance: 1e-5,
    opset: 16,
    kept: ['If'],
    inputs: {
      sr: rate,
      input: sampleOf({ dtype: 'float32', shape: [2, 576] }),
      state: sampleOf({ dtype: 'float32', shape: [2, 2, 128] }),
    },
  },
];

const runtime = ortNode({ threads: 1 });
afterAll(() => runtime.close());

describe.skipIf(!existsSync(folder))(`round trip of the models in ${folder}`, () => {
  test.each(cases)('$file', async ({ file, sizes, tolerance, inputs, opset, kept = [] }) => {
    const path = `${folder}/${file}`;
    const model = await importModel({ source: path, bytes: readFileSync(path) }, runtime, sizes);
    const portable = lower(model.graph, { provider: 'cpu', block: 0 });
    const written = encode(portable, { ...(opset && { opset }) });
    expect(Buffer.compare(encode(portable, { ...(opset && { opset }) }), written)).toBe(0);
    const feeds = () =>
      Object.fromEntries(
        model.graph.inputs.map((v) => [
          (v.origin as { name: string }).name,
          inputs?.[(v.origin as { name: string }).name] ?? sampleOf(v.type),
        ]),
      );
    const [before, after] = [await runtime.open({ path }), await runtime.open(written)];
    const expected = await before.run(feeds());
    const found = await after.run(feeds());
    for (const [name, t] of Object.entries(expected)) {
      expect(found[name]!.shape).toEqual(t.shape);
      const [a, b] = [numbersOf(t), numbersOf(found[name]!)];
      const worst = a.reduce((w, x, i) => Math.max(w, Math.abs(x - b[i]!) / Math.max(1, Math.abs(x))), 0);
      expect(worst).toBeLessThanOrEqual(tolerance);
    }
    expect(model.unsupported.map((u) => u.op)).toEqual(kept);
    await Promise.all([before.release(), after.release()]);
  });
});
