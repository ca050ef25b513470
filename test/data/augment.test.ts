import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample } from '../../src/data/augment/affine.ts';
import { symmetricBeta } from '../../src/data/augment/beta.ts';
import { edges, translate } from '../../src/data/augment/translate.ts';
import { augmentationSchema, augmentations, prepareAugmentations } from '../../src/data/augmentations.ts';
import { type ExampleType, floatDataset, plainVector } from '../../src/data/dataset.ts';
import { random } from '../../src/data/random.ts';

const image = (...shape: [number, number, number]): ExampleType => ({ layout: 'image', shape });

/** A set without examples. */
const setOf = (example: ExampleType) => floatDataset({ name: 'none', example, values: new Float32Array(0) });

/** Applies one augmentation to a batch of pictures that hold 1, 2, 3… */
function applied(options: object, shape: [number, number, number], n: number, seed = 0) {
  const each = shape[0] * shape[1] * shape[2];
  const before = Float32Array.from({ length: n * each }, (_, i) => i + 1);
  const x = before.slice();
  const target = new Float32Array(n * n);
  for (let i = 0; i < n; i++) target[i * n + i] = 1;
  const [augment] = prepareAugmentations([augmentationSchema.parse(options)], setOf(image(...shape)));
  augment!.apply({ x, target, size: n, length: null }, random(seed, 'test'));
  const rows = (data: Float32Array, width: number) =>
    Array.from({ length: n }, (_, i) => Array.from(data.subarray(i * width, (i + 1) * width)));
  return { before: rows(before, each), x: rows(x, each), target: rows(target, n) };
}

describe('flip', () => {
  it('mirrors left to right, with its probability', () => {
    const { x } = applied({ kind: 'flip', p: 1 }, [2, 2, 3], 1);
    expect(x[0]).toEqual([3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10]);
    expect(applied({ kind: 'flip', p: 0 }, [1, 2, 3], 1).x[0]).toEqual([1, 2, 3, 4, 5, 6]);
    const { before, x: half } = applied({ kind: 'flip' }, [1, 1, 2], 400);
    const turned = half.filter((row, i) => row[0] !== before[i]![0]).length;
    expect(Math.abs(turned - 200)).toBeLessThan(40);
  });
});

describe('translate', () => {
  const picture = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const moved = (dy: number, dx: number, edge: keyof typeof edges) => {
    const out = new Float32Array(9).fill(-1);
    translate(picture, out, 0, [1, 3, 3], dy, dx, edges[edge]);
    return Array.from(out);
  };
  it('gives golden pixels', () => {
    expect(moved(1, -1, 'zero')).toEqual([0, 4, 5, 0, 7, 8, 0, 0, 0]);
    expect(moved(-1, 2, 'zero')).toEqual([0, 0, 0, 3, 0, 0, 6, 0, 0]);
    expect(moved(-2, 1, 'reflect')).toEqual([8, 9, 8, 5, 6, 5, 2, 3, 2]);
    expect(moved(0, -7, 'zero')).toEqual(Array(9).fill(0));
    expect(moved(0, -4, 'reflect')).toEqual(Array.from(picture));
  });
  it('reads what the edge says, whatever the shift', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        fc.constantFrom('zero' as const, 'reflect' as const),
        (dy, dx, edge) => {
          const expected = Array.from({ length: 9 }, (_, p) => {
            const y = edges[edge](Math.floor(p / 3) + dy, 3);
            const x = edges[edge]((p % 3) + dx, 3);
            return y < 0 || x < 0 ? 0 : picture[3 * y + x]!;
          });
          expect(moved(dy, dx, edge)).toEqual(expected);
        },
      ),
    );
  });
});

describe('crop and shift', () => {
  it.each([
    { kind: 'crop', padding: 1 },
    { kind: 'shift', pixels: 1 },
  ])('%j moves all channels alike by at most its size, everywhere as often', (options) => {
    const { before, x } = applied(options, [2, 4, 4], 900);
    const counts = new Map<string, number>();
    x.forEach((row, i) => {
      const candidates = [];
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const out = new Float32Array(32);
          translate(Float32Array.from(before[i]!), out, 0, [2, 4, 4], dy, dx, edges.zero);
          if (Array.from(out).join() === row.join()) candidates.push(`${dy},${dx}`);
        }
      }
      expect(candidates).toHaveLength(1);
      counts.set(candidates[0]!, (counts.get(candidates[0]!) ?? 0) + 1);
    });
    expect(counts.size).toBe(9);
    for (const n of counts.values()) expect(Math.abs(n - 100)).toBeLessThan(45);
  });
});

describe('resample', () => {
  const turned = (matrix: [number, number, number, number]) => {
    const out = new Float32Array(9);
    resample(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), out, 0, [1, 3, 3], matrix);
    return Array.from(out);
  };
  it('gives golden pixels', () => {
    expect(turned([1, 0, 0, 1])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(turned([0, 1, -1, 0])).toEqual([7, 4, 1, 8, 5, 2, 9, 6, 3]);
    expect(turned([-1, 0, 0, -1])).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(turned([0.5, 0, 0, 0.5])).toEqual([3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]);
    expect(turned([2, 0, 0, 2])).toEqual([0, 0, 0, 0, 5, 0, 0, 0, 0]);
  });
  it('leaves a picture alone when nothing may change', () => {
    const { before, x } = applied({ kind: 'affine', degrees: 0, scale: 0, shear: 0 }, [3, 4, 5], 3);
    expect(x).toEqual(before);
  });
});

describe('cutout', () => {
  it('blanks one square, the same in every channel', () => {
    const { before, x } = applied({ kind: 'cutout', pixels: 3, fill: 0.5 }, [2, 8, 8], 60);
    x.forEach((row, i) => {
      const blank = row.flatMap((v, p) => (v === 0.5 && before[i]![p] !== 0.5 ? [p] : []));
      expect(blank.length).toBeGreaterThan(0);
      expect(blank.length).toBeLessThanOrEqual(18);
      expect(blank.filter((p) => p >= 64).map((p) => p - 64)).toEqual(blank.filter((p) => p < 64));
      expect(row.filter((v, p) => v !== before[i]![p]).length).toBe(blank.length);
    });
  });
});

describe('noise', () => {
  it('has the given size', () => {
    const { before, x } = applied({ kind: 'noise', std: 0.5 }, [1, 20, 20], 20);
    const changes = x.flatMap((row, i) => row.map((v, p) => v - before[i]![p]!));
    expect(Math.sqrt(changes.reduce((a, b) => a + b * b, 0) / changes.length)).toBeCloseTo(0.5, 1);
  });
});

describe('mixup', () => {
  it('mixes examples and targets with one weight', () => {
    const { before, x, target } = applied({ kind: 'mixup', alpha: 1 }, [1, 2, 2], 8);
    target.forEach((row, i) => {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      x[i]!.forEach((v, p) => {
        expect(v).toBeCloseTo(
          row.reduce((sum, w, k) => sum + w * before[k]![p]!, 0),
          4,
        );
      });
    });
    const kept = target.map((row, i) => row[i]!).filter((w) => w < 1);
    expect(kept.length).toBeGreaterThan(0);
    for (const w of kept) expect(w).toBeCloseTo(kept[0]!, 5);
  });
});

describe('cutmix', () => {
  it('mixes targets by the area that was pasted', () => {
    let pasted = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { before, x, target } = applied({ kind: 'cutmix', p: 1 }, [2, 6, 5], 4, seed);
      x.forEach((row, i) => {
        const own = row.filter((v, p) => v === before[i]![p]).length / row.length;
        expect(target[i]![i]).toBeCloseTo(own, 5);
        const other = target[i]!.findIndex((w, k) => k !== i && w > 0);
        if (other < 0) return;
        pasted++;
        expect(row.every((v, p) => v === before[i]![p] || v === before[other]![p])).toBe(true);
        expect(target[i]![other]).toBeCloseTo(1 - own, 5);
      });
    }
    expect(pasted).toBeGreaterThan(20);
  });
});

describe('symmetricBeta', () => {
  it.each([0.1, 0.2, 1, 4])('has mean ½ and the variance of alpha %d', (alpha) => {
    const r = random(1, 'beta');
    const samples = Array.from({ length: 20_000 }, () => symmetricBeta(r, alpha));
    expect(samples.every((b) => b >= 0 && b <= 1)).toBe(true);
    expect(Math.abs(samples.reduce((a, b) => a + b) / samples.length - 0.5)).toBeLessThan(0.012);
    const variance = samples.reduce((a, b) => a + (b - 0.5) ** 2, 0) / samples.length;
    expect(Math.abs(variance - 1 / (4 * (2 * alpha + 1)))).toBeLessThan(0.005);
  });
});

describe('augmentationSchema', () => {
  it('refuses unknown kinds and keys', () => {
    expect(augmentationSchema.safeParse({ kind: 'flap' }).success).toBe(false);
    expect(augmentationSchema.safeParse({ kind: 'flip', q: 1 }).success).toBe(false);
  });
  it('says which augmentations need pictures or texts', () => {
    const vectors = augmentations.flatMap(({ kind }) => {
      try {
        prepareAugmentations([augmentationSchema.parse({ kind })], setOf(plainVector(['a'])));
        return [kind];
      } catch (error) {
        expect((error as Error).message).toMatch(
          new RegExp(
            `^augment ${kind}: examples (are vectors of 1 numbers; expected pictures|that are no texts; expected texts)`,
          ),
        );
        return [];
      }
    });
    expect(vectors).toEqual(['noise', 'mixup']);
  });
});
