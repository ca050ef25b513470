import { describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { tensor } from '../../src/graph/type.ts';
import { arrived, cohortOf } from '../../src/programs/federated/cohort.ts';
import { meanLogits } from '../../src/programs/federated/distil.ts';
import { divide } from '../../src/programs/federated/split.ts';
import { average, bytesOf, disturb, disturbedRows, disturbedWeights } from '../../src/programs/federated/tensors.ts';

describe('the division among clients', () => {
  const labels = Array.from({ length: 1000 }, (_, i) => (i * 7) % 10);
  const of = (alpha: number | 'iid', clients = 20, seed = 1) => divide(labels, { clients, alpha, seed });
  /** Largest share of one class in a client, the mean over clients. */
  const onesidedness = (owned: readonly Uint32Array[]): number =>
    owned.reduce((sum, own) => {
      const counts = new Map<number, number>();
      for (const i of own) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
      return sum + Math.max(...counts.values()) / own.length;
    }, 0) / owned.length;

  it.each([0.001, 0.1, 1, 1e6, 'iid'] as const)('gives each example to one client, and each client some (α = %s)', (alpha) => {
    const owned = of(alpha);
    expect(owned.flatMap((own) => [...own]).sort((a, b) => a - b)).toEqual(labels.map((_, i) => i));
    for (const own of owned) {
      expect(own.length).toBeGreaterThan(0);
      expect([...own]).toEqual([...own].sort((a, b) => a - b));
    }
    expect(of(alpha)).toEqual(owned);
    expect(of(alpha, 20, 2)).not.toEqual(owned);
  });

  it('is one-sided for small α and alike for large', () => {
    expect(onesidedness(of(0.1))).toBeGreaterThan(0.5);
    expect(onesidedness(of(1))).toBeLessThan(onesidedness(of(0.1)));
    expect(onesidedness(of(1e6))).toBeLessThan(0.13);
    for (const own of of(1e6)) expect(Math.abs(own.length - 50)).toBeLessThanOrEqual(10);
    for (const own of of('iid')) expect(own.length).toBe(50);
  });

  it('draws shares whose variance is that of the Dirichlet distribution', () => {
    // One class and two clients: the share of the first is Beta(α, α), with variance 1 / (4·(2α + 1)).
    const shares = Array.from(
      { length: 400 },
      (_, seed) => divide(Array(400).fill(0), { clients: 2, alpha: 0.5, seed })[0]!.length / 400,
    );
    const m = shares.reduce((a, b) => a + b) / shares.length;
    const variance = shares.reduce((s, v) => s + (v - m) ** 2, 0) / shares.length;
    expect(m).toBeCloseTo(0.5, 1);
    expect(variance).toBeGreaterThan(0.125 * 0.85);
    expect(variance).toBeLessThan(0.125 * 1.15);
  });

  it('leaves nobody without an example, were there as many as clients', () => {
    for (const own of divide([0, 0, 0, 0, 1], { clients: 5, alpha: 0.01, seed: 3 })) expect(own.length).toBe(1);
  });
});

describe('a round', () => {
  const o = { clients: 50, perRound: 20, dropout: 0.25, late: 0.5 };

  it('asks as many as it should, and loses and delays the shares that it should', () => {
    const rounds = Array.from({ length: 200 }, (_, r) => cohortOf(o, 7, r));
    for (const { asked, reporting, late } of rounds) {
      expect(new Set(asked).size).toBe(20);
      expect(asked.every((c) => c >= 0 && c < 50)).toBe(true);
      expect(reporting.every((c) => asked.includes(c))).toBe(true);
      expect([...late].every((c) => reporting.includes(c))).toBe(true);
    }
    const sum = (of: (c: (typeof rounds)[number]) => number): number => rounds.reduce((n, c) => n + of(c), 0);
    expect(sum((c) => c.reporting.length) / 4000).toBeCloseTo(0.75, 1);
    expect(sum((c) => c.late.size) / sum((c) => c.reporting.length)).toBeCloseTo(0.5, 1);
    expect(cohortOf({ ...o, dropout: 0, late: 0 }, 7, 3)).toEqual({
      asked: rounds[3]!.asked,
      reporting: rounds[3]!.asked,
      late: new Set(),
    });
  });

  it('uses what came late, unless the same client has sent something newer', () => {
    const now = [
      { client: 4, round: 2 },
      { client: 1, round: 2 },
    ];
    const before = [
      { client: 4, round: 1 },
      { client: 3, round: 1 },
    ];
    expect(arrived(now, before)).toEqual([now[1], before[1], now[0]]);
  });
});

describe('what is sent', () => {
  const w = (...values: number[]) => ({ w: tensor('float32', [values.length], values) });

  it('is averaged by numbers of examples; of equal models the mean is the model, to the bit', () => {
    const { w: found } = average([
      { weights: w(1, -2), examples: 30 },
      { weights: w(5, 2), examples: 10 },
    ]);
    expect([...(found!.data as Float32Array)]).toEqual([2, -1]);
    const odd = w(0.1, 1 / 3, 1e-20, -7e10);
    expect(average([7, 11, 13].map((examples) => ({ weights: odd, examples }))).w!.data).toEqual(odd.w.data);
  });

  it('is clipped, and has noise of the norm that was asked for', () => {
    const vector = new Float64Array(20_000).fill(0.1);
    const norm = 0.1 * Math.sqrt(20_000);
    const clipped = vector.slice();
    disturb(clipped, { deviation: 0, clip: 2 }, random(1, 'x'));
    expect(Math.hypot(...clipped.subarray(0, 1)) * Math.sqrt(20_000)).toBeCloseTo(2, 6);
    const small = vector.slice();
    disturb(small, { deviation: 0, clip: 100 }, random(1, 'x'));
    expect(small).toEqual(vector);
    const noiseOf = (deviation: number, clip?: number): number => {
      const noisy = vector.slice();
      disturb(noisy, { deviation, ...(clip !== undefined && { clip }) }, random(1, 'x'));
      const factor = clip === undefined ? 1 : Math.min(1, clip / norm);
      return Math.sqrt(noisy.reduce((s, v, i) => s + (v - vector[i]! * factor) ** 2, 0));
    };
    expect(noiseOf(0.5) / (0.5 * norm)).toBeCloseTo(1, 1);
    expect(noiseOf(0.5, 3) / 1.5).toBeCloseTo(1, 1);
    expect(noiseOf(0.5, 1000) / 500).toBeCloseTo(1, 1);
  });

  it('changes weights about what was received, keeps variances, and takes the mean out of logits', () => {
    const before = { w: tensor('float32', [2], [1, 1]), v: tensor('float32', [3], [0, 0, 0]) };
    const after = { w: tensor('float32', [2], [4, 5]), v: tensor('float32', [3], [0, 0, 0]) };
    const clipped = disturbedWeights(after, before, new Set(), { deviation: 0, clip: 1 }, random(1, 'x'));
    expect([...(clipped.w!.data as Float32Array)].map((v) => v.toFixed(4))).toEqual(['1.6000', '1.8000']);
    const noisy = disturbedWeights(after, before, new Set(['v']), { deviation: 3 }, random(1, 'x'));
    expect((noisy.v!.data as Float32Array).every((v) => v >= 0)).toBe(true);
    expect(disturbedWeights(after, before, new Set(), { deviation: 3 }, random(1, 'x')).v!.data).not.toEqual(noisy.v!.data);
    const rows = disturbedRows(Float32Array.of(1, 2, 3, 10, 10, 40), 3, { deviation: 0, clip: 2 }, random(1, 'x'));
    expect([...rows].map((v) => Number(v.toFixed(3)))).toEqual([-1, 0, 1, -0.816, -0.816, 1.633]);
  });

  it('is averaged as logits, each client alike', () => {
    const of = (...values: number[]) => ({ data: Float32Array.from(values), rows: 2, width: 2 });
    expect(meanLogits([of(1, 2, 3, 4), of(3, 2, -3, 0)])).toEqual(of(2, 2, 0, 2));
  });

  it('has the size of its numbers', () => {
    expect(bytesOf({ a: tensor('float32', [2, 3], Array(6).fill(0)), b: tensor('float32', [], [0]) })).toBe(28);
  });
});
