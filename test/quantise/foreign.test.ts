import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { compareOutputs } from '../../src/quantise/compare.ts';
import { toHalf } from '../../src/quantise/half/to-half.ts';
import { quantiseToInt8 } from '../../src/quantise/int8/quantise.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Feeds } from '../../src/runtime/port.ts';
import { load } from '../data/fixture.ts';

const runtime = ortNode();
afterAll(() => runtime.close());

const exported = 'test/fixtures/onnx';
const files = existsSync(exported) ? readdirSync(exported).filter((name) => name.endsWith('.onnx')) : [];

/** Token ids, with padding at the end of every row, for files that PyTorch exported. */
const textFeeds = (bytes: Uint8Array, seed: number): Feeds =>
  Object.fromEntries(
    readModel(bytes).graph.inputs.map(({ name }) => {
      const [rows, length] = [4, 12];
      const value = (i: number): number =>
        /mask/.test(name) ? Number(i % length < 9) : /type/.test(name) ? 0 : (i * 37 + seed) % 50;
      return [
        name,
        {
          dtype: 'int64',
          shape: [rows, length],
          data: BigInt64Array.from({ length: rows * length }, (_, i) => BigInt(value(i))),
        },
      ];
    }),
  );

describe('transformers that PyTorch exported', () => {
  it.each(files)('%s in 8 bits and in half precision', async (name) => {
    const bytes = new Uint8Array(readFileSync(`${exported}/${name}`));
    const small = await quantiseToInt8(bytes, {
      runtime,
      calibration: [textFeeds(bytes, 1), textFeeds(bytes, 5)],
      smallest: 256,
    });
    expect(small.report.unfused).toEqual([]);
    expect(small.report.kept.filter((k) => !/two activations|nothing to gain/.test(k.reason))).toEqual([]);
    const half = await toHalf(bytes, { runtime });
    const feeds = [textFeeds(bytes, 9)];
    for (const p of await compareOutputs(bytes, small.bytes, feeds, { runtime })) expect(p.relativeError).toBeLessThan(0.1);
    for (const p of await compareOutputs(bytes, half.bytes, feeds, { runtime })) expect(p.relativeError).toBeLessThan(0.005);
  });
});

const resnet = 'data/models/cifar10_resnet/resnet20_cifar10.onnx';

describe('a trained network', () => {
  it.skipIf(!existsSync(resnet) || !existsSync('data/cifar10'))(
    'ResNet-20 loses less than a point on CIFAR-10',
    { timeout: 30_000 },
    async () => {
      const bytes = new Uint8Array(readFileSync(resnet));
      const { train, test } = await load({ kind: 'cifar', path: 'data/cifar10', validation: 0 });
      const batch = (set: typeof test, from: number, size: number): { readonly input: Tensor } => {
        const data = new Float32Array(size * 3072);
        for (let i = 0; i < size; i++) set.read(from + i, data, i * 3072);
        const [mean, std] = [
          [0.485, 0.456, 0.406],
          [0.229, 0.224, 0.225],
        ];
        const standard = data.map((v, i) => (v - mean[Math.floor(i / 1024) % 3]!) / std[Math.floor(i / 1024) % 3]!);
        return { input: { dtype: 'float32', shape: [size, 3, 32, 32], data: standard } };
      };
      const correct = async (file: Uint8Array): Promise<number> => {
        const session = await runtime.open(file);
        let right = 0;
        for (let from = 0; from < 1000; from += 250) {
          const { logits } = await session.run(batch(test, from, 250), ['logits']);
          for (let i = 0; i < 250; i++) {
            const row = Array.from((logits!.data as Float32Array).subarray(i * 10, i * 10 + 10));
            right += Number(row.indexOf(Math.max(...row)) === test.label(from + i));
          }
        }
        await session.release();
        return right;
      };
      const { bytes: small, report } = await quantiseToInt8(bytes, {
        runtime,
        calibration: [batch(train, 0, 128), batch(train, 128, 128)],
      });
      expect(report.quantised.filter((q) => q.op === 'Conv')).toHaveLength(19);
      expect(report.unfused).toEqual([]);
      const [before, after] = [await correct(bytes), await correct(small)];
      expect(before).toBe(915);
      expect(before - after).toBeLessThan(10);
    },
  );
});
