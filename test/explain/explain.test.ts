import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ambiguousOf, bandsOf, curriculumOf, difficultyOf, hardestOf, suspectsOf } from '../../src/explain/difficulty.ts';
import { entropyOf } from '../../src/explain/entropy.ts';
import { explainLogits } from '../../src/explain/explain.ts';
import { neighboursOf } from '../../src/explain/neighbours.ts';
import { eachSoftTarget, entropyShare, type Logits } from '../../src/explain/soft-targets.ts';
import { adviseTemperature, softness } from '../../src/explain/temperature.ts';
import { madeUp } from './fixture.ts';

const rowsOf = (...rows: readonly (readonly number[])[]): Logits => ({
  data: rows.flat(),
  rows: rows.length,
  width: rows[0]!.length,
});
const logits = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), width: fc.integer({ min: 2, max: 5 }) })
  .chain(({ rows, width }) =>
    fc
      .array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: rows * width, maxLength: rows * width })
      .map((data): Logits => ({ data, rows, width })),
  );
const times = ({ data, ...shape }: Logits, factor: number): Logits => ({ ...shape, data: Array.from(data, (z) => z * factor) });

describe('soft targets', () => {
  it('are softmax(z/T), whatever is added to a row', () => {
    const rows: number[][] = [];
    eachSoftTarget(rowsOf([2, 0, -2], [1002, 1000, 998]), 2, (p) => rows.push(Array.from(p)));
    const e = [Math.E, 1, 1 / Math.E];
    const total = e.reduce((a, b) => a + b);
    for (const row of rows) for (const [k, p] of row.entries()) expect(p).toBeCloseTo(e[k]! / total, 12);
  });

  it('have an entropy of nothing for a label and of all for equal classes', () => {
    expect(entropyShare(Float64Array.of(0, 1, 0))).toBe(0);
    expect(entropyShare(new Float64Array(7).fill(1 / 7))).toBeCloseTo(1, 12);
    expect(entropyShare(Float64Array.of(0.5, 0.5, 0, 0))).toBeCloseTo(0.5, 12);
  });
});

describe('entropy by temperature', () => {
  it('counts every example once and grows with the temperature', () => {
    fc.assert(
      fc.property(logits, (z) => {
        const all = entropyOf(z);
        for (const { bins } of all) expect(bins.reduce((a, b) => a + b)).toBe(z.rows);
        for (let i = 1; i < all.length; i++) expect(all[i]!.mean).toBeGreaterThanOrEqual(all[i - 1]!.mean - 1e-12);
      }),
    );
  });
});

describe('the temperature to start from', () => {
  it('softness lies in 0…1, grows with T, and depends on z/T alone', () => {
    fc.assert(
      fc.property(logits, fc.double({ min: 0.5, max: 10, noNaN: true }), (z, t) => {
        const s = softness(z, t);
        expect(s).toBeGreaterThanOrEqual(0);
        expect(s).toBeLessThanOrEqual(1 + 1e-12);
        expect(softness(z, 2 * t)).toBeGreaterThanOrEqual(s - 1e-12);
        expect(softness(times(z, 3), 3 * t)).toBeCloseTo(s, 9);
      }),
    );
  });

  it('is the lowest that reaches the share, by hand for two classes', () => {
    // Softness of [d, 0] is 2/(1 + e^(d/T)); 0.25 at d/T = ln 7 = 1.946, so T = 4/1.946 = 2.06 and the next considered is 2.5.
    const { start, reached, from, to } = adviseTemperature(rowsOf([4, 0]));
    expect({ start, reached }).toEqual({ start: 2.5, reached: 'yes' });
    // 0.1 at d/T = ln 19 = 2.944, T = 1.36; 0.5 at d/T = ln 3 = 1.099, T = 3.64.
    expect([from, to]).toEqual([1.5, 3.5]);
  });

  it('rises with the logits, as far as they do', () => {
    const { logits: z } = madeUp(10, 200);
    const [once, twice] = [adviseTemperature(times(z, 2)), adviseTemperature(times(z, 4))];
    expect(once.reached).toBe('yes');
    expect(twice.start).toBeGreaterThan(once.start);
    expect(twice.start).toBeLessThanOrEqual(2 * once.start);
  });

  it('says so where the targets are soft already, or never are', () => {
    expect(adviseTemperature(rowsOf([0, 0, 0]))).toMatchObject({ start: 1, from: 1, to: 1, reached: 'softer-at-one' });
    expect(adviseTemperature(rowsOf([400, 0, 0]))).toMatchObject({ start: 20, from: 20, to: 20, reached: 'not-at-highest' });
  });

  it('takes another rule', () => {
    expect(adviseTemperature(rowsOf([4, 0]), { start: 0.5, from: 0.1, to: 0.9 }).start).toBe(4);
  });
});

describe('neighbours', () => {
  const z = rowsOf([4, 2, 0], [4, 2, 0], [0, 4, 3], [0, 1, 9]);

  it('are the other classes in the mean soft target of a class, nearest first', () => {
    const { classes, mean, by } = neighboursOf(z, [0, 0, 1, 2], 1);
    expect(by).toBe('label');
    expect(classes.map(({ count }) => count)).toEqual([2, 1, 1]);
    expect(classes.map(({ nearest }) => nearest.map((n) => n.class))).toEqual([
      [1, 2],
      [2, 0],
      [1, 0],
    ]);
    expect(classes[0]!.nearest[0]!.mass).toBeCloseTo(Math.exp(-2) / (1 + Math.exp(-2) + Math.exp(-4)), 4);
    for (const row of mean!) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 3);
  });

  it('go by what the teacher says where nothing has a label, and leave unlabelled examples out where something has', () => {
    const { by, classes } = neighboursOf(z, [-1, -1, -1, -1], 1);
    expect({ by, counts: classes.map(({ count }) => count) }).toEqual({ by: 'prediction', counts: [2, 1, 1] });
    expect(neighboursOf(z, [0, -1, -1, -1], 1).classes.map(({ count }) => count)).toEqual([1, 0, 0]);
    expect(neighboursOf(z, [0, -1, -1, -1], 1).classes[1]!.nearest).toEqual([]);
  });

  it('do not depend on the order of the examples', () => {
    const { logits: all, labels } = madeUp(4, 40);
    const back = Array.from({ length: 40 }, (_, i) => 39 - i);
    const reversed = { ...all, data: back.flatMap((i) => Array.from(all.data).slice(i * 4, i * 4 + 4)) };
    expect(
      neighboursOf(
        reversed,
        back.map((i) => labels[i]!),
        2,
      ),
    ).toEqual(neighboursOf(all, labels, 2));
  });

  it('leave the matrix out for very many classes', () => {
    const { logits: wide, labels } = madeUp(101, 101);
    expect(neighboursOf(wide, labels, 1)).toMatchObject({ mean: null });
  });
});

describe('difficulty', () => {
  // Five sure and right of each class; then one sure and wrong, one unsure and wrong, one undecided, one without a label.
  const right = [...Array<number[]>(5).fill([3, 0, 0]), ...Array<number[]>(5).fill([0, 3, 0])];
  const z = rowsOf(...right, [0, 6, 0], [0.5, 1, 0], [1, 1, 1], [0, 0, 80]);
  const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, -1];
  const found = difficultyOf(z, labels);

  it('is the cross-entropy to the label, also where the probability is zero', () => {
    expect(found.crossEntropy[12]).toBeCloseTo(Math.log(3), 12);
    expect(found.crossEntropy[13]).toBeNaN();
    const far = difficultyOf(rowsOf([2000, 0]), [1]);
    expect(far.crossEntropy[0]).toBe(2000);
    expect(far.confidence[0]).toBe(0);
  });

  it('suspects a label that the teacher contradicts with its usual confidence, and no other', () => {
    expect(Array.from(suspectsOf(found, 3))).toEqual([10]);
  });

  it('ranks the hardest, the most ambiguous and the curriculum', () => {
    const hardest = hardestOf(found, [10]);
    expect(Array.from(hardest.slice(0, 2))).toEqual([11, 12]);
    expect(hardest).not.toContain(13);
    expect(ambiguousOf(found)[0]).toBe(12);
    expect(Array.from(curriculumOf(found))).toEqual([13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 11, 10]);
  });

  it('puts every example into one band', () => {
    fc.assert(
      fc.property(logits, (any) => {
        const bands = bandsOf(difficultyOf(any, new Int32Array(any.rows)));
        expect(bands.reduce((n, { count }) => n + count, 0)).toBe(any.rows);
      }),
    );
  });

  it('takes a label that is no class for none', () => {
    expect(difficultyOf(rowsOf([1, 0]), [7]).labels[0]).toBe(-1);
  });
});

describe('an explanation', () => {
  it('names every example once in its curriculum, the most confident first', () => {
    fc.assert(
      fc.property(logits, (z) => {
        const { curriculum, difficulties, examples, labelled } = explainLogits(z, new Int32Array(z.rows).fill(-1));
        expect(Array.from(curriculum).sort((a, b) => a - b)).toEqual(Array.from({ length: z.rows }, (_, i) => i));
        const sure = Array.from(curriculum, (i) => difficulties.confidence[i]!);
        expect(sure).toEqual([...sure].sort((a, b) => b - a));
        expect({ examples, labelled }).toEqual({ examples: z.rows, labelled: 0 });
      }),
    );
  });

  it('compares classes at the temperature to start from, or at another', () => {
    const { logits: z, labels } = madeUp(5, 100);
    const { neighbours, advice } = explainLogits(z, labels);
    expect(neighbours.temperature).toBe(advice.start);
    expect(explainLogits(z, labels, { temperature: 7 }).neighbours.temperature).toBe(7);
  });

  it('holds nothing that is not finite, for logits of ±40 too', () => {
    const { difficulties, ...rest } = explainLogits(rowsOf([40, -40], [-40, 40], [40, 40]), [1, 1, 0]);
    expect(Array.from(difficulties.crossEntropy).every(Number.isFinite)).toBe(true);
    expect(JSON.stringify(rest)).not.toContain('null');
  });
});
