import { describe, expect, it } from 'vitest';
import { random } from '../../src/data/random.ts';
import { bootstrapBeta, fitPowerLaw, fitWithOffset, type Gaps } from '../../src/programs/capacity-study/fit.ts';
import { byRange, retained, smallestKeeping } from '../../src/programs/capacity-study/retention.ts';
import { parsePlan } from '../../src/programs/parse.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const halves = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => 2 ** -(i + 1));
/** Gaps that follow a law, with noise that multiplies them, log-normal. */
function planted(beta: number, { draw = 0, noise = 0, offset = 0, sizes = 6, seeds = 3 } = {}): readonly Gaps[] {
  const r = random(draw, 'test/planted');
  return halves(sizes).map((kappa) => ({
    kappa,
    gaps: Array.from({ length: seeds }, () => offset + 0.01 * kappa ** -beta * Math.exp(noise * r.normal())),
  }));
}

describe('the power law of a capacity study', () => {
  it('finds a planted exponent and factor', () => {
    for (const beta of [0.1, 0.45, 1.3]) {
      const law = fitPowerLaw(planted(beta))!;
      expect(law.beta).toBeCloseTo(beta, 10);
      expect(law.c).toBeCloseTo(0.01, 10);
      expect([law.r2Log, law.r2, law.sizes, law.leftOut]).toEqual([expect.closeTo(1), expect.closeTo(1), 6, 0]);
    }
  });

  it('gives the numbers of a fit by hand', () => {
    // log₂ of the gaps over log₂ κ: (0, 0), (−1, 1), (−2, 1): slope −1/2, intercept 1/6.
    const law = fitPowerLaw([
      { kappa: 1, gaps: [1] },
      { kappa: 0.5, gaps: [1, 3] },
      { kappa: 0.25, gaps: [2] },
    ])!;
    expect(law.beta).toBeCloseTo(0.5, 12);
    expect(law.c).toBeCloseTo(2 ** (1 / 6), 12);
    expect(law.r2Log).toBeCloseTo(0.75, 12);
  });

  it('leaves out sizes as good as the teacher, counts them, and gives up below three', () => {
    const passed = planted(0.4).map((size, i) => (i < 2 ? { ...size, gaps: [0.01, -0.02, 0] } : size));
    expect(fitPowerLaw(passed)).toMatchObject({ beta: expect.closeTo(0.4), sizes: 4, leftOut: 2 });
    expect(fitPowerLaw(passed)!.r2).toBeLessThan(1);
    expect(fitPowerLaw(planted(0.4).map((size, i) => (i < 4 ? { ...size, gaps: [0] } : size)))).toBeNull();
    expect(fitPowerLaw([0.5, 0.5, 0.5].map((kappa) => ({ kappa, gaps: [1] })))).toBeNull();
  });

  it('finds a planted offset, which a law without one describes worse', () => {
    for (const offset of [0.02, -0.012]) {
      const gaps = planted(0.8, { offset });
      const found = fitWithOffset(gaps)!;
      expect(found.offset).toBeCloseTo(offset, 5);
      expect(found.beta).toBeCloseTo(0.8, 3);
      expect(found.r2).toBeGreaterThan(fitPowerLaw(gaps)!.r2);
    }
    expect(fitWithOffset(halves(6).map((kappa) => ({ kappa, gaps: [kappa] })))).toBeNull();
    // A line in log κ goes down for ever.
    expect(fitWithOffset(halves(6).map((kappa) => ({ kappa, gaps: [-Math.log(kappa)] })))).toBeNull();
  });

  it('has an interval that covers the planted exponent in nearly all of many draws, and that shrinks with noise', () => {
    const draws = 120;
    let inside = 0;
    for (let draw = 0; draw < draws; draw++) {
      const { from, to } = bootstrapBeta(planted(0.4, { draw, noise: 0.2 }), { draws: 200, level: 0.95, seed: draw })!;
      if (from <= 0.4 && 0.4 <= to) inside++;
    }
    expect(inside / draws).toBeGreaterThan(0.93);
    const width = (noise: number): number => {
      const { from, to } = bootstrapBeta(planted(0.4, { noise }), { draws: 500, level: 0.95, seed: 1 })!;
      return to - from;
    };
    expect(width(0.02)).toBeLessThan(width(0.4) / 5);
    const same = { draws: 100, level: 0.9, seed: 4 };
    expect(bootstrapBeta(planted(0.4, { noise: 0.3 }), same)).toEqual(bootstrapBeta(planted(0.4, { noise: 0.3 }), same));
  });
});

describe('what students keep', () => {
  const size = (parameters: number, ...retention: number[]) => ({ parameters, compression: 1000 / parameters, retention });

  it('is told by range of compression', () => {
    const table = byRange([size(500, 0.9, 1.1), size(300, 0.9), size(63, 0.5), size(62.5, 0.25), size(1, 0)]);
    expect(table.map((r) => r.sizes)).toEqual([0, 2, 0, 1, 2]);
    expect(table.map((r) => r.retention?.mean ?? null)).toEqual([null, expect.closeTo(2.9 / 3), null, 0.5, 0.125]);
    expect(retained({ higherIsBetter: false }, 4, 1)).toBe(0.25);
  });

  it('gives the smallest size from which on all keep it, estimated between the two around it', () => {
    const sizes = [size(10, 0.8), size(1000, 1), size(100, 0.9)];
    expect(smallestKeeping(sizes, 0.95)).toEqual({ measured: 1000, interpolated: expect.closeTo(10 ** 2.5, 8) });
    expect(smallestKeeping(sizes, 0.8)).toEqual({ measured: 10, interpolated: null });
    expect(smallestKeeping(sizes, 1.01)).toEqual({ measured: null, interpolated: null });
    // One that dips below on the way down is not kept by luck further down.
    expect(smallestKeeping([...sizes, size(50, 0.99)], 0.95).measured).toBe(1000);
  });
});

const recipe = {
  name: 'capacity',
  program: {
    kind: 'capacity-study',
    sizes: [2, 4, 16].map((units) => ({ kind: 'mlp', hidden: [units] })),
    draws: 200,
  },
  data: { kind: 'spirals', size: 500 },
  teacher: {
    kind: 'train',
    model: { kind: 'mlp', hidden: [32, 32] },
    training: { epochs: 8, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.02 } },
  },
  student: { model: { kind: 'mlp', hidden: [8] } },
  training: { epochs: 2, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.02 } },
  seeds: 2,
};
const { folder, startProgram, interruptedProgram } = placeForRuns('capacity-study');

describe('capacity-study', () => {
  it('trains the teacher once, every size with and without it, and says what came of it', async () => {
    const { results, recipe: text } = await startProgram(recipe);
    expect(results.parts.map((p) => p.name)).toEqual(['teacher', 'size-1', 'size-2', 'size-3', 'size-4']);
    const [sizes, ranges, advice, laws] = results.tables;
    expect(sizes!.rows.map((r) => r.name)).toEqual(['teacher', 'mlp-2', 'mlp-4', 'mlp-8', 'mlp-16']);
    const at = (title: string): number => sizes!.columns.findIndex((c) => c.title === title);
    const teacher = sizes!.rows[0]!.cells[at('accuracy, distilled')] as number;
    for (const row of sizes!.rows.slice(1)) {
      const distilled = row.cells[at('accuracy, distilled')] as Spread;
      expect((row.cells[at('kept')] as Spread).mean).toBeCloseTo(distilled.mean / teacher, 10);
      expect((row.cells[at('accuracy, scratch')] as Spread).perSeed).toHaveLength(2);
    }
    expect(ranges!.rows.reduce((n, r) => n + (r.cells[0] as number), 0)).toBe(4);
    expect(advice!.rows.map((r) => r.name)).toEqual(['90 %', '95 %', '99 %']);
    expect(laws!.rows.map((r) => r.name)).toContain('nll, scratch, by parameters');
    expect(results.charts.map((c) => c.x.scale)).toEqual(['log', 'log', 'log', 'log']);
    expect(renderProgram(results, text)).toContain('κ');
  });

  it('comes to the same weights when it is stopped again and again', async () => {
    const [once, stopped] = [folder(), folder()];
    const short = { ...recipe, seeds: 1, data: { kind: 'spirals', size: 300 } };
    const whole = await startProgram(short, { directory: once });
    expect(await interruptedProgram(short, stopped, 3)).toBeGreaterThan(3);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl)$/;
    expect(bytesUnder(stopped, what)).toEqual(bytesUnder(once, what));
    expect(whole.results.sentence).not.toBe('');
  });

  it('refuses what is no study', () => {
    const { teacher: _, ...alone } = recipe;
    expect(() => parsePlan({ ...alone, objective: undefined })).toThrow(/teacher: found none/);
    const twice = [recipe.student.model, { kind: 'mlp', hidden: [2] }];
    expect(() => parsePlan({ ...recipe, program: { kind: 'capacity-study', sizes: twice } })).toThrow(
      /program\.sizes: found fewer than 3/,
    );
  });
});
