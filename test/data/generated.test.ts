import { describe, expect, it } from 'vitest';
import { type Dataset, exampleSize } from '../../src/data/dataset.ts';
import { dataSchema, sources } from '../../src/data/sources.ts';
import { splitOptions } from '../../src/data/split.ts';
import { contents, failure, load } from './fixture.ts';

const small = (kind: string, options: object = {}) => load({ kind, size: 300, ...options });

/** Share of `test` whose nearest class mean in `train` is that of its class: what a linear model can hardly do better. */
function nearestMean(train: Dataset, test: Dataset): number {
  const width = exampleSize(train);
  const sums = train.classes!.map(() => new Float64Array(width));
  for (const { x, label } of contents(train)) for (let p = 0; p < width; p++) sums[label]![p]! += x[p]!;
  const counts = train.classes!.map((_, c) => contents(train).filter(({ label }) => label === c).length);
  const hits = contents(test).filter(({ x, label }) => {
    const far = sums.map((s, c) => x.reduce((d, v, p) => d + (v - s[p]! / counts[c]!) ** 2, 0));
    return far.indexOf(Math.min(...far)) === label;
  });
  return hits.length / test.size;
}

describe.each(['glyphs', 'spirals', 'blobs', 'friedman'])('%s', (kind) => {
  it('is the same for the same seed and no other', async () => {
    const [a, b, c] = await Promise.all([small(kind), small(kind), small(kind, { seed: 1 })]);
    expect(contents(a.train)).toEqual(contents(b.train));
    expect(contents(a.train)).not.toEqual(contents(c.train));
  });
});

describe('glyphs', () => {
  it('draws an upright letter as golden pixels', async () => {
    const { train } = await small('glyphs', {
      size: 26,
      classes: 26,
      pixels: 12,
      distortion: 0,
      noise: 0,
      validation: 0,
      test: 1,
      splitSeed: 3,
    });
    const pictures = ['L', 'X'].map((letter) => {
      const at = contents(train).find(({ label }) => train.classes![label] === letter)!;
      const rows = Array.from({ length: 12 }, (_, y) =>
        at.x
          .slice(12 * y, 12 * y + 12)
          .map((v) => ' .:+#'[Math.min(4, Math.floor(v * 5))])
          .join(''),
      );
      return rows.map((r) => r.trimEnd()).join('\n');
    });
    expect(`\n${pictures.join('\n')}\n`).toMatchInlineSnapshot(`
      "


         +
         +
         +
         +
         +
         +
         +
         ++++++




         +.  .+
         .+  +.
          ::::
           ++
           ++
          ::::
         .+  +.
         +.  .+


      "
    `);
  });

  it('has all classes, both channel counts, and full range', async () => {
    for (const channels of [1, 3]) {
      const { train } = await small('glyphs', { classes: 26, channels, pixels: 20, test: 26 });
      expect(train.example).toEqual({ layout: 'image', shape: [channels, 20, 20] });
      expect(new Set(contents(train).map(({ label }) => label)).size).toBe(26);
      const all = contents(train).flatMap(({ x }) => x);
      expect(Math.max(...all.slice(0, 50_000))).toBeGreaterThan(0.9);
      expect(Math.min(...all.slice(0, 50_000))).toBe(0);
    }
  });

  it('is too hard for class means, and easy for them without distortion and noise', async () => {
    const hard = await small('glyphs', { size: 2000 });
    const easy = await small('glyphs', { size: 300, distortion: 0.1, noise: 0 });
    const share = nearestMean(hard.train, hard.test);
    expect(share).toBeLessThan(0.6);
    expect(share).toBeGreaterThan(0.2);
    expect(nearestMean(easy.train, easy.test)).toBeGreaterThan(0.95);
  });

  it('refuses what does not fit into memory', async () => {
    expect((await failure(load({ kind: 'glyphs', size: 10_000_000, pixels: 256 }))).message).toMatch(
      /10000000 examples of 65536 bytes; expected at most/,
    );
    expect((await failure(load({ kind: 'friedman', size: 10_000_000 }))).message).toMatch(/expected at most/);
    expect((await failure(load({ kind: 'blobs', size: 10_000_000, features: 1000 }))).message).toMatch(/expected at most/);
    expect((await failure(load({ kind: 'spirals', size: 10_000_000, distractors: 1000 }))).message).toMatch(/expected at most/);
  });
});

describe('tables', () => {
  it('are not linearly separable', async () => {
    const { train, test } = await small('spirals', { size: 1500 });
    expect(nearestMean(train, test)).toBeLessThan(0.65);
    const blobs = await small('blobs', { size: 1500 });
    expect(nearestMean(blobs.train, blobs.test)).toBeLessThan(0.8);
  });

  it('friedman is the published function', async () => {
    const { train } = await small('friedman', { noise: 0 });
    const { mean, std } = train.targets[0]!;
    for (const { x, target } of contents(train)) {
      const [a, b, c, d, e] = x as [number, number, number, number, number];
      expect(target[0]! * std + mean).toBeCloseTo(10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e, 3);
    }
  });
});

describe('dataSchema', () => {
  it('knows every kind, with the options of the division', () => {
    for (const { kind, options } of sources) {
      expect(
        Object.keys(options.shape).filter((key) => key in splitOptions.shape),
        `${kind} uses a name of the division`,
      ).toEqual([]);
    }
    expect(dataSchema.parse({ kind: 'spirals', test: 0.2 })).toMatchObject({ classes: 3, splitSeed: 0, test: 0.2 });
  });

  it('reports unknown keys and kinds', () => {
    expect(dataSchema.safeParse({ kind: 'spirals', clases: 3 }).error?.issues[0]?.message).toMatch(/clases/);
    expect(dataSchema.safeParse({ kind: 'spiral' }).success).toBe(false);
  });

  it('describes every option', () => {
    for (const { kind, summary, options } of sources) {
      expect(summary).toMatch(/\.$|…$/);
      for (const [key, field] of Object.entries(options.shape)) {
        if (key !== 'kind') expect((field as { description?: string }).description, `${kind}.${key}`).toBeTruthy();
      }
    }
  });
});
