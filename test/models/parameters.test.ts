import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { random } from '../../src/data/random.ts';
import { architectureSchema, architectures, createModel } from '../../src/models/architectures/list.ts';
import { countParameters, initialise } from '../../src/models/build.ts';
import type { ModelShape } from '../../src/models/define.ts';
import { ModelError } from '../../src/models/error.ts';

const mnist: ModelShape = { input: [1, 28, 28], outputs: 10 };
const cifar: ModelShape = { input: [3, 32, 32], outputs: 10 };
/** Texts as BERT was published for: 512 places, 30,522 words. */
const words: ModelShape = { input: [2, 512], outputs: 2, vocabulary: 30_522 };
const model = (options: z.input<typeof architectureSchema>, shape: ModelShape) =>
  createModel(architectureSchema.parse(options), shape);

describe('numbers of trained parameters', () => {
  const published: readonly [z.input<typeof architectureSchema>, ModelShape, number][] = [
    // Nayak et al. 2019 (ZSKD), Fang et al. 2019 (DFAD)
    [{ kind: 'lenet5' }, mnist, 61_706],
    [{ kind: 'lenet5' }, { input: [1, 32, 32], outputs: 10 }, 61_706],
    [{ kind: 'lenet5', size: 'half' }, mnist, 35_820],
    [{ kind: 'lenet5', size: 'half-all' }, mnist, 15_738],
    // He et al. 2016, table 6: 0.27, 0.46, 0.85 and 1.7 M with zero-padded shortcuts
    [{ kind: 'resnet', depth: 20, shortcut: 'pad' }, cifar, 269_722],
    [{ kind: 'resnet', depth: 32, shortcut: 'pad' }, cifar, 464_154],
    [{ kind: 'resnet', depth: 56, shortcut: 'pad' }, cifar, 853_018],
    [{ kind: 'resnet', depth: 110, shortcut: 'pad' }, cifar, 1_727_962],
    [{ kind: 'resnet', depth: 20 }, cifar, 272_474],
    [{ kind: 'resnet', depth: 8 }, cifar, 78_042],
    // Devlin et al. 2019, Turc et al. 2019 (BERT-Mini), Sanh et al. 2019 (DistilBERT, its head counted), each with a classifier of two
    [{ kind: 'bert', layers: 12, width: 768, heads: 12 }, words, 109_482_240 + 1_538],
    [{ kind: 'bert', layers: 4, width: 256, heads: 4 }, words, 11_170_560 + 514],
    [{ kind: 'bert', layers: 6, width: 768, heads: 12, types: 0 }, words, 66_955_010],
    // Hinton et al. 2015
    [{ kind: 'mlp', hidden: [1200, 1200] }, mnist, 2_395_210],
    [{ kind: 'mlp', hidden: [800, 800] }, mnist, 1_276_810],
  ];
  test.each(published)('%j', (options, shape, count) => {
    expect(countParameters(model(options, shape), shape)).toBe(count);
  });
});

describe('initialise', () => {
  const shape: ModelShape = { input: [1, 8, 8], outputs: 3 };
  const small = model({ kind: 'resnet', depth: 8, width: 0.5 }, shape);
  const draws = (seed: number) => (name: string) => random(seed, `init.${name}`);

  test('the same seed gives the same tensors, another one others', () => {
    const [a, b, c] = [
      initialise(small, shape, draws(1)),
      initialise(small, shape, draws(1)),
      initialise(small, shape, draws(2)),
    ];
    expect(a).toEqual(b);
    expect(a.get('layer1.0.conv1.weight')).not.toEqual(c.get('layer1.0.conv1.weight'));
  });

  test('names and shapes are those of PyTorch, but for linear weights, which are [in, out]', () => {
    const tensors = initialise(small, shape, draws(1));
    expect([...tensors].filter(([name]) => /^(conv1|bn1|layer2|fc)/.test(name)).map(([name, t]) => `${name} ${t.shape}`)).toEqual(
      [
        'conv1.weight 8,1,3,3',
        'bn1.weight 8',
        'bn1.bias 8',
        'layer2.0.conv1.weight 16,8,3,3',
        'layer2.0.bn1.weight 16',
        'layer2.0.bn1.bias 16',
        'layer2.0.conv2.weight 16,16,3,3',
        'layer2.0.bn2.weight 16',
        'layer2.0.bn2.bias 16',
        'layer2.0.downsample.0.weight 16,8,1,1',
        'layer2.0.downsample.1.weight 16',
        'layer2.0.downsample.1.bias 16',
        'fc.weight 32,3',
        'fc.bias 3',
        'bn1.running_mean 8',
        'bn1.running_var 8',
        'layer2.0.bn1.running_mean 16',
        'layer2.0.bn1.running_var 16',
        'layer2.0.bn2.running_mean 16',
        'layer2.0.bn2.running_var 16',
        'layer2.0.downsample.1.running_mean 16',
        'layer2.0.downsample.1.running_var 16',
      ],
    );
  });

  test('convolutions before a ReLU start with variance 2 / fan-out, linear layers uniform in ±1/√fan-in', () => {
    const wide = initialise(model({ kind: 'resnet', width: 2 }, cifar), cifar, draws(3));
    const values = [...(wide.get('layer3.0.conv2.weight')!.data as Float32Array)];
    const variance = values.reduce((s, v) => s + v * v, 0) / values.length;
    expect(variance / (2 / (128 * 9))).toBeCloseTo(1, 1);
    const last = wide.get('fc.weight')!.data as Float32Array;
    expect(Math.max(...last.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(128));
    expect(Math.max(...last.map(Math.abs))).toBeGreaterThan(0.95 / Math.sqrt(128));
  });
});

test('every architecture has a place in the schema and defaults for everything', () => {
  for (const { kind } of architectures) expect(architectureSchema.parse({ kind }).kind).toBe(kind);
});

test('data that do not fit are named', () => {
  expect(() => model({ kind: 'lenet5' }, { input: [1, 8, 8], outputs: 2 })).toThrow(
    /^lenet5: one example is \[1,8,8\]; expected a picture .* at least 12 by 12/,
  );
  expect(() => model({ kind: 'resnet' }, { input: [20], outputs: 2 })).toThrow(ModelError);
  expect(() => architectureSchema.parse({ kind: 'resnet', depth: 9 })).toThrow(/6n \+ 2/);
});
