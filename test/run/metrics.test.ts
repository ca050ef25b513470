import { describe, expect, it } from 'vitest';
import {
  calibrationError,
  classificationMetrics,
  confusion,
  fidelityMetrics,
  type Matrix,
  regressionMetrics,
  reliability,
  softmaxRows,
} from '../../src/run/metrics.ts';

const matrix = (rows: readonly (readonly number[])[]): Matrix => ({
  data: Float32Array.from(rows.flat()),
  rows: rows.length,
  width: rows[0]!.length,
});
/** Logits whose softmax is the row. */
const logits = (rows: readonly (readonly number[])[]): Matrix => matrix(rows.map((r) => r.map((p) => Math.log(p))));

describe('classification', () => {
  // By hand: predictions 0, 1, 0 against 0, 0, 0.
  const outputs = logits([
    [0.9, 0.1],
    [0.3, 0.7],
    [0.6, 0.4],
  ]);
  const labels = Int32Array.of(0, 0, 0);
  const metrics = classificationMetrics(outputs, labels);

  it('counts what is right', () => {
    expect(metrics.accuracy).toBeCloseTo(2 / 3, 12);
    expect(confusion(outputs, labels)).toEqual([
      [2, 1],
      [0, 0],
    ]);
  });
  it('takes the mean of -log p and of the squared distance to the label', () => {
    expect(metrics.nll).toBeCloseTo(-(Math.log(0.9) + Math.log(0.3) + Math.log(0.6)) / 3, 6);
    expect(metrics.brier).toBeCloseTo((2 * 0.01 + 2 * 0.49 + 2 * 0.16) / 3, 6);
  });
  it('weighs the gap of each bin by its size', () => {
    // Bins of 1/15: 0.9 is alone and right, 0.7 alone and wrong, 0.6 alone and right.
    expect(metrics.ece).toBeCloseTo((0.1 + 0.7 + 0.4) / 3, 6);
  });
  it('leaves unlabelled rows out', () => {
    const more = logits([
      [0.9, 0.1],
      [0.3, 0.7],
      [0.6, 0.4],
      [0.01, 0.99],
    ]);
    expect(classificationMetrics(more, Int32Array.of(0, 0, 0, -1))).toEqual(metrics);
  });
  it('stays finite at extreme logits', () => {
    const extreme = matrix([
      [1e4, -1e4],
      [-1e4, 1e4],
    ]);
    for (const value of Object.values(classificationMetrics(extreme, Int32Array.of(1, 1))))
      expect(Number.isFinite(value)).toBe(true);
  });
});

describe('reliability', () => {
  it('puts an edge into the bin below it, and 1 into the last', () => {
    const p = Float64Array.of(0.5, 0.5, 1, 0);
    const bins = reliability(p, 2, 2, Int32Array.of(0, 0), 10);
    expect(bins.map((b) => b.count)).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    expect(bins.at(-1)).toMatchObject({ confidence: 1, accuracy: 1 });
  });
  it('is 0 for a model whose confidence is its accuracy', () => {
    const p = Float64Array.from([0.75, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25]);
    expect(calibrationError(reliability(p, 4, 2, Int32Array.of(0, 0, 0, 1), 15))).toBeCloseTo(0, 12);
  });
});

describe('fidelity', () => {
  it('is agreement 1 and KL 0 with itself, whatever is added to the logits', () => {
    const a = matrix([
      [1, 2, 3],
      [0, -1, 4],
    ]);
    const shifted = matrix([
      [11, 12, 13],
      [-7, -8, -3],
    ]);
    expect(fidelityMetrics(shifted, a)).toEqual({ agreement: 1, klToTeacher: expect.closeTo(0, 10) });
  });
  it('goes from teacher to student', () => {
    const student = logits([[0.5, 0.5]]);
    const teacher = logits([[0.9, 0.1]]);
    expect(fidelityMetrics(student, teacher).klToTeacher).toBeCloseTo(0.9 * Math.log(1.8) + 0.1 * Math.log(0.2), 6);
  });
});

describe('softmax', () => {
  it('sums to one', () => {
    const p = softmaxRows(matrix([[-40, 0, 40]]));
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
  });
});

describe('regression', () => {
  it('is by hand', () => {
    const metrics = regressionMetrics(matrix([[1], [2], [6]]), Float32Array.of(1, 4, 4));
    expect(metrics.rmse).toBeCloseTo(Math.sqrt(8 / 3), 6);
    expect(metrics.mae).toBeCloseTo(4 / 3, 6);
    expect(metrics.r2).toBeCloseTo(1 - 8 / 6, 6);
  });
});
