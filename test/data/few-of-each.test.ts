import { describe, expect, it } from 'vitest';
import { dataSchema, openData } from '../../src/data/sources.ts';

const glyphs = { kind: 'glyphs', size: 300, classes: 5, pixels: 8 } as const;
const open = (more: object) => openData(dataSchema.parse({ ...glyphs, ...more }));
const labels = (set: { readonly size: number; label(i: number): number }) =>
  Array.from({ length: set.size }, (_, i) => set.label(i));

describe('a few examples of each class', () => {
  it('are as many as asked, others with another seed, and the test split stays', async () => {
    const [a, b, more] = [
      await open({ perClass: 3, pickSeed: 1 }),
      await open({ perClass: 3, pickSeed: 2 }),
      await open({ perClass: 5, pickSeed: 1 }),
    ];
    for (const c of [0, 1, 2, 3, 4]) expect(labels(a.train).filter((l) => l === c)).toHaveLength(3);
    const pictures = (set: typeof a.train) =>
      Array.from({ length: set.size }, (_, i) => {
        const x = new Float32Array(64);
        set.read(i, x, 0);
        return x.join();
      });
    expect(pictures(a.test)).toEqual(pictures(b.test));
    expect(pictures(a.train)).not.toEqual(pictures(b.train));
    const among = new Set(pictures(more.train));
    expect(pictures(a.train).every((p) => among.has(p))).toBe(true);
    await expect(open({ perClass: 500 })).rejects.toThrow(/data\.perClass: .*examples of class 'A'/);
  });

  it('of some classes are counted anew', async () => {
    const { train, test } = await open({ only: ['D', 1] });
    expect(train.classes).toEqual(['D', 'B']);
    expect(new Set(labels(train))).toEqual(new Set([0, 1]));
    expect(new Set(labels(test))).toEqual(new Set([0, 1]));
    const target = new Float32Array(2);
    const i = labels(train).indexOf(1);
    train.target(i, target, 0);
    expect([...target]).toEqual([0, 1]);
    await expect(open({ only: ['D', 'Q'] })).rejects.toThrow(/data\.only\.1: .*'Q'.*each once of 'A'/);
    await expect(open({ only: [0, 'A'] })).rejects.toThrow(/data\.only\.1/);
  });
});
