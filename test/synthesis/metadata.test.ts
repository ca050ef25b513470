import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { SynthesisError } from '../../src/synthesis/error.ts';
import { leadingBasis } from '../../src/synthesis/metadata/basis.ts';
import { cholesky } from '../../src/synthesis/metadata/cholesky.ts';
import { collector } from '../../src/synthesis/metadata/collector.ts';
import { usualLayers } from '../../src/synthesis/metadata/layers.ts';
import { sampler } from '../../src/synthesis/metadata/sampler.ts';
import { factorOf } from '../../src/synthesis/metadata/shrinkage.ts';
import { accumulator, merged, momentsOf, type Sums } from '../../src/synthesis/metadata/sums.ts';
import { targetsOf } from '../../src/synthesis/metadata/targets.ts';
import { fromTriangle, toTriangle } from '../../src/synthesis/metadata/triangle.ts';

/** Correlated numbers, `count` rows of `width`. */
function rows(count: number, width: number, seed = 1, shift = 0): Float32Array {
  const z = new Float32Array(count * width);
  random(seed, 'rows').fillNormal(z);
  return z.map((v, at) => shift + v + (at % width > 0 ? 0.7 * z[at - 1]! : 0));
}

/** Mean and covariance as they are defined, in double precision. */
function direct(data: Float32Array, width: number) {
  const count = data.length / width;
  const mean = Array.from({ length: width }, (_, i) => {
    let sum = 0;
    for (let r = 0; r < count; r++) sum += data[r * width + i]!;
    return sum / count;
  });
  const covariance = Array.from({ length: width * width }, (_, at) => {
    const [i, j] = [Math.floor(at / width), at % width];
    let sum = 0;
    for (let r = 0; r < count; r++) sum += (data[r * width + i]! - mean[i]!) * (data[r * width + j]! - mean[j]!);
    return sum / (count - 1);
  });
  return { mean, covariance };
}

function summed(data: Float32Array, width: number, pairs = true, from = 0, to = data.length / width): Sums {
  const sums = accumulator(width, pairs);
  for (let r = from; r < to; r++) sums.add(data, r * width);
  return sums.sums();
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
};
/** L·Lᵀ */
const squared = (lower: ArrayLike<number>, n: number): number[] =>
  Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += lower[i * n + k]! * lower[j * n + k]!;
    return sum;
  });

describe('moments', () => {
  it.each([2, 30, 31, 32, 33, 100])('of %d rows are those of the definition', (count) => {
    const data = rows(count, 5);
    const { mean, std, covariance, count: n } = momentsOf(summed(data, 5));
    const wanted = direct(data, 5);
    expect(n).toBe(count);
    expect(apart(mean, wanted.mean)).toBeLessThan(1e-6);
    expect(apart(covariance!, wanted.covariance)).toBeLessThan(1e-6);
    expect(
      apart(
        std,
        wanted.mean.map((_, i) => Math.sqrt(wanted.covariance[i * 6]!)),
      ),
    ).toBeLessThan(1e-6);
    const alone = momentsOf(summed(data, 5, false));
    expect(alone.covariance).toBeNull();
    expect(apart(alone.std, std)).toBeLessThan(1e-6);
  });

  it('lose nothing where the mean is large beside the deviations', () => {
    const data = rows(200, 3, 2, 4096);
    expect(
      apart(
        summed(data, 3).scatter.map((s) => s / 199),
        toLower(direct(data, 3).covariance, 3),
      ),
    ).toBeLessThan(1e-9);
  });

  it('of parts merge to those of the whole, wherever it is cut', () => {
    const data = rows(90, 4);
    const whole = summed(data, 4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90 }), fc.boolean(), (cut, pairs) => {
        const together = merged(summed(data, 4, pairs, 0, cut), summed(data, 4, pairs, cut));
        expect(together.count).toBe(90);
        expect(apart(together.mean, whole.mean)).toBeLessThan(1e-12);
        const wanted = pairs ? whole.scatter : [0, 2, 5, 9].map((at) => whole.scatter[at]!);
        expect(apart(together.scatter, wanted)).toBeLessThan(1e-11);
      }),
      { numRuns: 40 },
    );
  });

  it('of a layer of one number have a covariance too', () => {
    expect(momentsOf(summed(Float32Array.of(1, 2, 3), 1)).covariance).toEqual(Float32Array.of(1));
  });
});

const toLower = (matrix: readonly number[], n: number): number[] => matrix.filter((_, at) => at % n <= Math.floor(at / n));

describe('a triangle', () => {
  it('is the matrix again', () => {
    const { covariance } = direct(rows(9, 4), 4);
    const matrix = Float32Array.from(covariance);
    expect(fromTriangle(toTriangle(matrix, 4), 4)).toEqual(matrix);
  });
});

describe('the Cholesky factor', () => {
  it('has the matrix as its square', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (n, seed) => {
        const { covariance } = direct(rows(n + 20, n, seed), n);
        const lower = cholesky(covariance, n)!;
        expect(apart(squared(lower, n), covariance)).toBeLessThan(1e-12);
        for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) expect(lower[i * n + j]).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('is none of what is not positive definite', () => {
    expect(cholesky([1, 2, 2, 1], 2)).toBeNull();
    expect(cholesky([1, 1, 1, 1], 2)).toBeNull();
    expect(cholesky([-1], 1)).toBeNull();
  });

  it('has rows of zeros where nothing varies', () => {
    expect(cholesky([4, 0, 2, 0, 0, 0, 2, 0, 5], 3)).toEqual(Float64Array.of(2, 0, 0, 0, 0, 0, 1, 0, 2));
  });
});

describe('shrinkage', () => {
  it('leaves a covariance of many examples as it is', () => {
    const { covariance, count } = momentsOf(summed(rows(400, 6), 6));
    const { lower, shrinkage } = factorOf(covariance!, count);
    expect(shrinkage).toBe(0);
    expect(apart(squared(lower, 6), covariance!)).toBeLessThan(1e-6);
  });

  it('makes a singular one work, with the same variances and smaller covariances', () => {
    const width = 12;
    const { covariance, count } = momentsOf(summed(rows(8, width), width));
    const { lower, shrinkage } = factorOf(covariance!, count);
    expect(shrinkage).toBeGreaterThan(0);
    expect(shrinkage).toBeLessThan(1);
    const wanted = covariance!.map((c, at) => (at % (width + 1) === 0 ? c : c * (1 - shrinkage)));
    expect(apart(squared(lower, width), wanted)).toBeLessThan(1e-6);
  });

  it('is the share of the squared correlations that so few examples have by chance', () => {
    // Three numbers of four examples; by hand: r² = 1/4, 1/4, 0 and Var(r) = (1 − r²)²/3.
    const covariance = Float32Array.of(4, 1, 0, 1, 1, 0.5, 0, 0.5, 1);
    const chance = (2 * 0.75 ** 2 + 1) / 3 / 0.5;
    expect(chance).toBeGreaterThan(1);
    expect(factorOf(covariance, 3).shrinkage).toBe(1);
    const strong = Float32Array.of(4, 1.8, 1.8, 1.8, 1, 0.9, 1.8, 0.9, 1);
    const noise = (3 * (1 - 0.81) ** 2) / 2 / (3 * 0.81);
    expect(factorOf(strong, 3).shrinkage).toBeCloseTo(noise, 6);
  });

  it('goes as far as it must where numbers say the same', () => {
    const same = Float32Array.of(1, 1, 1, 1);
    const { lower, shrinkage } = factorOf(same, 1000);
    expect(shrinkage).toBeGreaterThan(0);
    expect(shrinkage).toBeLessThan(1e-3);
    expect(apart(squared(lower, 2), same)).toBeLessThan(1e-3);
    const impossible = Float32Array.of(1, 5, 5, 1);
    expect(squared(factorOf(impossible, 1000).lower, 2)[0]).toBe(1);
  });
});

describe('samples', () => {
  const drawn = (draw: ReturnType<typeof sampler>, count: number, width: number): Float32Array => {
    const out = new Float32Array(count * width);
    const draws = random(3, 'samples');
    for (let r = 0; r < count; r++) draw(out, r * width, draws);
    return out;
  };

  it('have the mean and the covariance', () => {
    const of = momentsOf(summed(rows(50, 4, 7, 2), 4));
    const found = direct(drawn(sampler(of, [false, false, false, false]), 40_000, 4), 4);
    expect(apart(found.mean, of.mean)).toBeLessThan(0.03);
    expect(apart(found.covariance, of.covariance!)).toBeLessThan(0.05);
  });

  it('are independent where there are only deviations', () => {
    const of = momentsOf(summed(rows(50, 3), 3, false));
    const found = direct(drawn(sampler(of, [false, false, false]), 40_000, 3), 3);
    expect(
      apart(
        found.covariance,
        [0, 1, 2, 3, 4, 5, 6, 7, 8].map((at) => (at % 4 === 0 ? of.std[at / 4]! ** 2 : 0)),
      ),
    ).toBeLessThan(0.05);
  });

  it('are clipped where nothing is ever below 0', () => {
    const of = momentsOf(summed(rows(50, 2), 2));
    const found = drawn(sampler(of, [true, false]), 1000, 2);
    const column = (i: number): Float32Array => found.filter((_, at) => at % 2 === i);
    expect(Math.min(...column(0))).toBe(0);
    expect(Math.min(...column(1))).toBeLessThan(-1);
  });

  it('of several layers are of one class, and classes are equally frequent', () => {
    const at = (value: number) => ({ count: 9, mean: Float32Array.of(value), std: Float32Array.of(0), covariance: null });
    const groups = [at(1), at(2), at(3)];
    const fill = targetsOf([
      { groups, nonNegative: [false] },
      { groups: groups.map(({ mean }) => at(10 * mean[0]!)), nonNegative: [false] },
    ]);
    const out = new Float32Array(2 * 9);
    fill(out, random(1, 'classes'));
    const first = [...out].filter((_, i) => i % 2 === 0);
    expect([...out].filter((_, i) => i % 2 === 1)).toEqual(first.map((v) => 10 * v));
    expect([...first].sort()).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    const other = new Float32Array(2 * 9);
    fill(other, random(2, 'classes'));
    expect([...other]).not.toEqual([...out]);
  });
});

describe('a basis', () => {
  it('is orthonormal and holds the most of the variance', () => {
    const { covariance } = momentsOf(summed(rows(100, 10), 10));
    const { shape, data } = leadingBasis(covariance!, 0.3);
    expect(shape).toEqual([10, 3]);
    const dot = (a: number, b: number): number =>
      Array.from({ length: 10 }, (_, i) => (data[i * 3 + a] as number) * (data[i * 3 + b] as number)).reduce((x, y) => x + y, 0);
    for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) expect(dot(a, b)).toBeCloseTo(Number(a === b), 5);
    expect(leadingBasis(covariance!, 0.01).shape).toEqual([10, 1]);
  });
});

describe('collecting', () => {
  const data = rows(100, 4);
  const layers = [
    { tap: 'a', shape: [2, 1] },
    { tap: 'b', shape: [2] },
  ];
  const halves = [0, 2].map((from) => data.filter((_, at) => at % 4 >= from && at % 4 < from + 2));
  const collected = (label: (row: number) => number, options: object = {}, of = halves) => {
    const into = collector({ layers, pairs: true, classes: 2, covarianceUpTo: 8, atLeast: 5, ...options });
    for (let row = 0; row < 100; row++) into.add(of, row, label(row));
    return into.finish();
  };
  const pick = (values: Float32Array, width: number, keep: (row: number) => boolean): Float32Array =>
    values.filter((_, at) => keep(Math.floor(at / width)));

  it('gives moments of all, of classes, and of neighbours together', () => {
    const found = collected((row) => row % 2);
    expect(found.leftOut).toBe(0);
    expect(found.layers.map(({ tap, shape, nonNegative }) => ({ tap, shape, nonNegative }))).toEqual(
      layers.map((layer) => ({ ...layer, nonNegative: false })),
    );
    expect(found.pairs.map(({ taps }) => taps)).toEqual([['a', 'b']]);
    expect(apart(found.layers[1]!.all.covariance!, direct(halves[1]!, 2).covariance)).toBeLessThan(1e-6);
    expect(apart(found.pairs[0]!.all.covariance!, direct(data, 4).covariance)).toBeLessThan(1e-6);
    const odd = direct(
      pick(halves[0]!, 2, (row) => row % 2 === 1),
      2,
    );
    expect(found.layers[0]!.byClass[1]!.count).toBe(50);
    expect(apart(found.layers[0]!.byClass[1]!.mean, odd.mean)).toBeLessThan(1e-6);
    expect(apart(found.layers[0]!.byClass[1]!.covariance!, odd.covariance)).toBeLessThan(1e-6);
  });

  it('keeps covariances to layers and pairs that are small enough', () => {
    const found = collected(() => 0, { covarianceUpTo: 3 });
    expect(found.layers.every(({ all }) => all.covariance)).toBe(true);
    expect(found.pairs).toEqual([]);
    expect(collected(() => 0, { covarianceUpTo: 1 }).layers.map(({ all }) => all.covariance)).toEqual([null, null]);
    expect(collected(() => 0, { pairs: false }).pairs).toEqual([]);
  });

  it('tells nothing of a class that is too small, also not by what is missing elsewhere', () => {
    const found = collected((row) => Number(row < 4));
    expect(found.leftOut).toBe(4);
    expect(found.layers[0]!.byClass.map((m) => m?.count ?? null)).toEqual([96, null]);
    expect(found.layers[0]!.all.count).toBe(96);
    expect(found.layers[0]!.all).toEqual(found.layers[0]!.byClass[0]);
  });

  it('counts several that are too small among all examples, where together they are enough', () => {
    const found = collected((row) => (row < 4 ? 1 : row < 8 ? -1 : 0));
    expect(found.leftOut).toBe(0);
    expect(found.layers[0]!.byClass.map((m) => m?.count ?? null)).toEqual([92, null]);
    expect(found.layers[0]!.all.count).toBe(100);
  });

  it('knows layers that are never below 0', () => {
    expect(collected(() => 0, {}, [halves[0]!.map(Math.abs), halves[1]!]).layers.map((l) => l.nonNegative)).toEqual([
      true,
      false,
    ]);
  });

  it('refuses too few examples and numbers that are not finite', () => {
    expect(() => collected(() => 0, { atLeast: 101 })).toThrow(/^statistics: found 100 examples; expected at least 101/);
    expect(() => collected(() => 0, {}, [halves[0]!, halves[1]!.with(7, Number.NaN)])).toThrow(SynthesisError);
    expect(() => collected(() => 0, {}, [halves[0]!, halves[1]!.with(7, Number.POSITIVE_INFINITY)])).toThrow(
      /found numbers in b that are not finite/,
    );
  });

  it('takes hidden layers, the embedding and the logits unless told', () => {
    const offer = new Map<string, readonly (number | string)[]>([
      ['logits', [3]],
      ['hidden.10', [4]],
      ['embedding', [4]],
      ['hidden.2', [4, 2]],
      ['hidden.3', ['L', 2]],
      ['attention.0', [2]],
    ]);
    expect(usualLayers(offer)).toEqual(['hidden.2', 'hidden.10', 'embedding', 'logits']);
  });

  it('gives what PyTorch has', () => {
    const golden = JSON.parse(readFileSync(new URL('../fixtures/golden/metadata.json', import.meta.url), 'utf8')) as Golden;
    const view = Float32Array.from(golden.data.data);
    const { all, byClass } = collectedOf(view, golden.data.shape[1]!, golden.labels, golden.weights[0]);
    const wanted = golden.layers['hidden.0']!;
    for (const [i, found] of [all, ...byClass].entries()) {
      const of = [wanted.all, ...wanted.byClass][i]!;
      expect(found!.count).toBe(of.count);
      expect(apart(found!.mean, of.mean)).toBeLessThan(1e-5);
      expect(apart(found!.covariance!, of.covariance)).toBeLessThan(1e-4);
    }
  });
});

interface Recorded {
  readonly count: number;
  readonly mean: number[];
  readonly covariance: number[];
}
interface Packed {
  readonly shape: number[];
  readonly data: number[];
}
interface Golden {
  readonly weights: readonly [Packed, Packed];
  readonly data: Packed;
  readonly labels: number[];
  readonly layers: Readonly<Record<string, { readonly all: Recorded; readonly byClass: Recorded[] }>>;
}

/** Moments of relu(x·w). */
function collectedOf(view: Float32Array, width: number, labels: readonly number[], weights: Packed) {
  const [, units] = weights.shape as [number, number];
  const hidden = Float32Array.from({ length: labels.length * units }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      sum += view[Math.floor(at / units) * width + i]! * weights.data[i * units + (at % units)]!;
    }
    return Math.max(0, sum);
  });
  const into = collector({
    layers: [{ tap: 'hidden.0', shape: [units] }],
    pairs: false,
    classes: 3,
    covarianceUpTo: 8,
    atLeast: 2,
  });
  for (const [row, label] of labels.entries()) into.add([hidden], row, label);
  return into.finish().layers[0]!;
}
