import { describe, expect, it } from 'vitest';
import { gapRecovered, spreadOf, verdict } from '../../src/run/verdict.ts';

const accuracy = { name: 'accuracy', higherIsBetter: true };
const rmse = { name: 'rmse', higherIsBetter: false };

describe('verdict', () => {
  it('is yes only beyond the larger spread', () => {
    const scratch = spreadOf([0.8, 0.81, 0.79]);
    expect(verdict(accuracy, scratch, spreadOf([0.83, 0.84, 0.85]), true).helped).toBe('yes');
    expect(verdict(accuracy, scratch, spreadOf([0.8, 0.81, 0.815]), true).helped).toBe('unclear');
    expect(verdict(accuracy, scratch, spreadOf([0.75, 0.76, 0.77]), true).helped).toBe('no');
    expect(verdict(accuracy, scratch, spreadOf([0.7, 0.83, 0.98]), true).helped).toBe('unclear');
  });
  it('knows that a smaller error is better', () => {
    const scratch = spreadOf([2, 2.1, 1.9]);
    expect(verdict(rmse, scratch, spreadOf([1, 1.1, 0.9]), true)).toMatchObject({ helped: 'yes' });
    expect(verdict(rmse, scratch, spreadOf([3, 3.1, 2.9]), true)).toMatchObject({ helped: 'no' });
  });
  it('does not judge by one seed, and says when nothing was measured', () => {
    expect(verdict(accuracy, spreadOf([0.8]), spreadOf([0.9]), true).helped).toBe('unclear');
    expect(verdict(accuracy, null, spreadOf([0.9]), true)).toMatchObject({ helped: 'not-measured', difference: null });
  });
  it('says it in one sentence', () => {
    expect(verdict(accuracy, spreadOf([0.8, 0.81, 0.79]), spreadOf([0.83, 0.84, 0.85]), true).sentence).toBe(
      'Distillation helped: +4.00 points of accuracy against the same student without a teacher (3 seeds, spread 1.00).',
    );
  });
});

describe('gap recovered', () => {
  it('is the share of the way to the teacher, per seed', () => {
    const gap = gapRecovered(accuracy, spreadOf([0.9]), spreadOf([0.8, 0.7]), spreadOf([0.85, 0.8]));
    expect(gap!.perSeed[0]).toBeCloseTo(0.5, 12);
    expect(gap!.perSeed[1]).toBeCloseTo(0.5, 12);
  });
  it('is not there when the teacher is no better', () => {
    expect(gapRecovered(accuracy, spreadOf([0.7]), spreadOf([0.8]), spreadOf([0.85]))).toBeNull();
  });
});
