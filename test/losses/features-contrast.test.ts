import { describe, expect, test } from 'vitest';
import { random } from '../../src/data/random.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { infoNce, logNormaliser, noiseContrast } from '../../src/losses/features/contrast.ts';
import { unit } from '../../src/losses/features/unit.ts';
import { type Loss, measure } from '../support/measure.ts';
import { numbers } from '../support/ort.ts';

/** Calls for every place of a tensor; the result is what lies there instead. */
const made = (shape: readonly number[], at: (i: number) => number): Tensor =>
  tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(at(i))),
  );
function draw(seed: number, ...shape: number[]): Tensor {
  const draws = random(seed, 'features');
  return made(shape, () => draws.normal());
}
const mapped = (t: Tensor, f: (v: number, i: number) => number): Tensor => {
  const v = numbers(t);
  return made(t.shape, (i) => f(v[i]!, i));
};
const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));
const apart = (a: readonly number[], b: readonly number[]): number => largest(a.map((v, i) => v - b[i]!));

describe('contrast', () => {
  const size = 8;
  const pair: Loss = (s, t) => infoNce(unit(s, [1]), unit(t, [1]), 0.1);

  test('is log B each way where nothing is known, and zero for a batch of one', async () => {
    const { values } = await measure(pair, made([5, size], () => 1), draw(1, 5, size)); // biome-ignore format: one call
    const mean = values.reduce((a, b) => a + b) / 5;
    expect(mean).toBeGreaterThan(2 * Math.log(5) - 1e-5);
    expect((await measure(pair, draw(1, 1, size), draw(2, 1, size))).values[0]).toBeCloseTo(0, 6);
  });

  test('is smaller for the right partners than for the wrong ones', async () => {
    const [t, v] = [draw(1, 5, size), numbers(draw(1, 5, size))];
    const wrong = mapped(t, (_, i) => v[(i + size) % v.length]!);
    expect(largest((await measure(pair, t, t)).values)).toBeLessThan(Math.min(...(await measure(pair, wrong, t)).values));
  });

  const noise: Loss = (partner, others) => noiseContrast({ partner, others }, partner.graph.scalar(2), 20);
  test('falls with the score of the partner and grows with those of others', async () => {
    const [partner, others] = [draw(1, 3, 1), draw(2, 3, 6)];
    const plain = await measure(noise, partner, others);
    expect(Math.max(...plain.slope)).toBeLessThan(0);
    expect((await measure((b, a) => noise(a, b), others, partner)).slope.every((g) => g > 0)).toBe(true);
    // Far away either way it is linear, not infinite.
    const far = await measure(noise, made([1, 1], () => -600), made([1, 6], () => 600)); // biome-ignore format: one call
    expect(far.values.every(Number.isFinite)).toBe(true);
  });

  test('the normaliser makes the mean density 1/n, whatever is added to all scores', async () => {
    const loss: Loss = (partner, others) => {
      const scores = { partner, others };
      return noiseContrast(scores, logNormaliser(scores, 20), 20);
    };
    const [partner, others] = [draw(1, 3, 1), draw(2, 3, 6)];
    const more = (t: Tensor): Tensor => mapped(t, (v) => v + 30);
    const [plain, moved] = [await measure(loss, partner, others), await measure(loss, more(partner), more(others))];
    expect(apart(plain.values, moved.values)).toBeLessThan(1e-4);
    // All scores equal: all densities are 1/n, a pair is the right one with odds 1 : K.
    const even = await measure(loss, made([2, 1], () => 3), made([2, 4], () => 3)); // biome-ignore format: one call
    expect(even.values[0]).toBeCloseTo(Math.log(5) + 4 * Math.log(5 / 4), 4);
  });
});
