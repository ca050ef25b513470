import { describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import type { Tensor } from '../../src/graph/type.ts';
import { tensor } from '../../src/graph/type.ts';
import { type ArchitectureOptions, architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { initialise } from '../../src/models/build.ts';
import { channelsOf, outlined } from '../../src/models/shrink/channels.ts';
import { cutChannels } from '../../src/models/shrink/cut-channels.ts';
import { solveSymmetric } from '../../src/models/shrink/linear-solve.ts';
import { absorbed, mixableLayers } from '../../src/models/shrink/mixable.ts';
import { openMoments } from '../../src/models/shrink/moments.ts';
import { evaluate } from '../support/ort.ts';

const modelOf = (options: object, input: readonly number[]) => {
  const shape = { input, outputs: 4 };
  const model = createModel(architectureSchema.parse(options) as ArchitectureOptions, shape);
  const weights = new Map<string, Tensor>(
    [...initialise(model, shape, (name) => random(1, name))].map(([name, t]) => {
      // Statistics and constants that are not zero and one, so that nothing cancels.
      const draws = random(2, name);
      const data = Float32Array.from(t.data as Float32Array, (v) =>
        /var/.test(name) ? 0.5 + draws.uniform() : v + 0.1 * draws.normal(),
      );
      return [name, { ...t, data }];
    }),
  );
  return { model, shape, weights };
};

const picture = [1, 12, 12];
const wide: readonly (readonly [object, object, readonly number[]])[] = [
  [{ kind: 'cnn', channels: [6, 8] }, { kind: 'cnn', channels: [3, 5] }, picture],
  [
    { kind: 'cnn', channels: [6, 8], head: 'flatten', batchNorm: false },
    { kind: 'cnn', channels: [4, 3], head: 'flatten', batchNorm: false },
    picture,
  ],
  [{ kind: 'lenet5' }, { kind: 'lenet5', size: 'half-all' }, picture],
  [{ kind: 'resnet', depth: 14, width: 0.5 }, { kind: 'resnet', depth: 14, width: 0.25 }, picture],
  [{ kind: 'mobilenet' }, { kind: 'mobilenet', width: 0.25 }, [1, 16, 16]],
  [{ kind: 'mlp', hidden: [10, 7] }, { kind: 'mlp', hidden: [4, 5] }, [6]],
];

describe('cutting channels', () => {
  it.each(wide)('gives a smaller model of the same layers: %j', (from, to, input) => {
    const [big, small] = [modelOf(from, input), modelOf(to, input)];
    const cut = cutChannels(big.weights, channelsOf(big.model, big.shape), channelsOf(small.model, small.shape));
    expect([...cut.weights].map(([name, t]) => [name, t.shape]).sort()).toEqual(
      [...small.weights].map(([name, t]) => [name, t.shape]).sort(),
    );
    const same = cutChannels(big.weights, channelsOf(big.model, big.shape), channelsOf(big.model, big.shape));
    for (const [name, t] of big.weights) expect(same.weights.get(name)!.data, name).toEqual(t.data);
  });

  it('keeps the filters with the largest L1 norm, and of the next layer what they feed', () => {
    const [big, small] = [modelOf({ kind: 'mlp', hidden: [3] }, [2]), modelOf({ kind: 'mlp', hidden: [2] }, [2])];
    const weights = new Map(big.weights).set('fc1.weight', tensor('float32', [2, 3], [1, 0.1, -3, -2, 0.1, 1])).set(
      'fc2.weight',
      tensor(
        'float32',
        [3, 4],
        Array.from({ length: 12 }, (_, i) => i),
      ),
    );
    const cut = cutChannels(weights, channelsOf(big.model, big.shape), channelsOf(small.model, small.shape));
    expect([...(cut.weights.get('fc1.weight')!.data as Float32Array)]).toEqual([1, -3, -2, 1]);
    expect([...(cut.weights.get('fc2.weight')!.data as Float32Array)]).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
    expect(cut.kept('fc1.weight', 1)).toEqual([0, 2]);
  });

  it('refuses models that are not built alike, and channels that cannot be followed', () => {
    const [big, small] = [
      modelOf({ kind: 'cnn', channels: [4, 4] }, picture),
      modelOf({ kind: 'cnn', channels: [4, 8] }, picture),
    ];
    expect(() => cutChannels(big.weights, channelsOf(big.model, big.shape), channelsOf(small.model, small.shape))).toThrow(
      /counts 8 channels, and of the wider model 4/,
    );
    const padded = modelOf({ kind: 'resnet', shortcut: 'pad' }, picture);
    expect(() => channelsOf(padded.model, padded.shape)).toThrow(/could not be followed/);
  });
});

describe('least squares', () => {
  it('solves what is known (3x3, by hand)', () => {
    const a = Float64Array.from([4, 2, 0, 2, 5, 2, 0, 2, 10]);
    const x = solveSymmetric(a, 3, Float64Array.from([8, 4, 18, 7, 34, 2]), 2)!;
    for (const [row, [b0, b1]] of [
      [8, 4],
      [18, 7],
      [34, 2],
    ].entries()) {
      for (const [column, b] of [b0!, b1!].entries()) {
        expect([0, 1, 2].reduce((s, k) => s + a[row * 3 + k]! * x[k * 2 + column]!, 0)).toBeCloseTo(b, 12);
      }
    }
    expect(x[0]).toBeCloseTo(1, 12);
    expect(solveSymmetric(Float64Array.from([1, 2, 2, 1]), 2, new Float64Array(2), 1)).toBeNull();
  });

  it('finds a map and a shift that are there, and leaves alone what it cannot know', () => {
    const draws = random(3, 'moments');
    const moments = openMoments(2);
    for (let batch = 0; batch < 5; batch++) {
      const x = Float32Array.from({ length: 8 * 2 * 9 }, () => draws.normal());
      const y = x.map((_, at) => {
        const place = at % 9;
        const n = Math.floor(at / 18);
        const [a, b] = [x[n * 18 + place]!, x[n * 18 + 9 + place]!];
        return at % 18 < 9 ? 2 * a - b + 3 : 0.5 * b - 1;
      });
      moments.add(x, y, 8);
    }
    const { mix, shift, error } = moments.fit(1e-9);
    for (const [i, v] of [2, 0, -1, 0.5].entries()) expect(mix[i]).toBeCloseTo(v, 5);
    for (const [i, v] of [3, -1].entries()) expect(shift[i]).toBeCloseTo(v, 5);
    expect(error.before).toBeGreaterThan(0.5);
    expect(error.after).toBeLessThan(1e-6);
    const lone = openMoments(2);
    lone.add(Float32Array.of(1, 2), Float32Array.of(5, 7), 1);
    const one = lone.fit(0.01);
    expect([...one.mix]).toEqual([1, 0, 0, 1]);
    expect([...one.shift]).toEqual([4, 5]);
  });
});

describe('a map taken into a layer', () => {
  it.each([wide[0]!, wide[1]!, wide[3]!, wide[5]!])(
    'gives what the layer gives with the map behind it: %j',
    async (options, _, input) => {
      const { model, shape, weights } = modelOf(options, input);
      const built = outlined(model, shape);
      const layers = mixableLayers(built);
      expect(layers.length).toBeGreaterThan(1);
      const draws = random(4, 'x');
      const x = tensor(
        'float32',
        [5, ...input],
        Array.from({ length: 5 * input.reduce((a, b) => a * b, 1) }, () => draws.normal()),
      );
      for (const layer of layers) {
        const ask = (tensors: ReadonlyMap<string, Tensor>) =>
          evaluate({ z: layer.output }, { x, ...Object.fromEntries(tensors) });
        const z = (await ask(weights)).z!;
        const c = z.shape[1]!;
        const mix = Float64Array.from({ length: c * c }, () => draws.normal());
        const shift = Float64Array.from({ length: c }, () => draws.normal());
        const moments = openMoments(c);
        moments.add(z.data as Float32Array, z.data as Float32Array, 5);
        const { mean, covariance } = moments.fit(1);
        const changed = new Map([
          ...weights,
          ...absorbed(layer, (name) => weights.get(name)!, { mix, shift, mean, covariance, error: { before: 0, after: 0 } }),
        ]);
        const after = (await ask(changed)).z!;
        const inner = z.data.length / (5 * c);
        for (let at = 0; at < z.data.length; at += 7) {
          const [n, j, s] = [Math.floor(at / (c * inner)), Math.floor(at / inner) % c, at % inner];
          let sum = shift[j]!;
          for (let i = 0; i < c; i++) sum += mix[i * c + j]! * Number(z.data[(n * c + i) * inner + s]);
          expect(Number(after.data[at])).toBeCloseTo(sum, 3);
        }
      }
    },
  );
});
