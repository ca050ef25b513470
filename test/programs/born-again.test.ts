import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { repairOf } from '../../src/methods/repairs/list.ts';
import { encode } from '../../src/onnx/encode.ts';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Cell } from '../../src/programs/record.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const recipe = {
  name: 'again',
  program: { kind: 'born-again', generations: 3 },
  data: { kind: 'spirals', size: 400 },
  student: { model: { kind: 'mlp', hidden: [12] } },
  training: { epochs: 3, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.02 } },
  seeds: 2,
};

const { folder, start, startProgram, interruptedProgram, engine } = placeForRuns('born-again');
const mean = (cell: Cell | undefined): number => (cell as Spread).mean;

describe('born-again', () => {
  it('teaches each generation by the one before, from weights of its own, and measures their ensembles', async () => {
    const directory = folder();
    const { results, recipe: text } = await startProgram(recipe, { directory });
    expect(results.tables[0]!.rows.map((r) => r.name)).toEqual([
      'generation 1, labels alone',
      'generation 2',
      'generation 3',
      'ensemble of 2',
      'ensemble of 3',
    ]);
    expect(results.parts.map((p) => p.name)).toEqual([1, 2].flatMap((s) => [1, 2, 3].map((g) => `seed-${s}/generation-${g}`)));
    const second = readFileSync(join(directory, 'parts/seed-1/generation-2/recipe.yaml'), 'utf8');
    expect(second).toMatch(/teacher:\n {2}kind: run\n {2}run: .*seed-1\/generation-1/);
    expect(second).toMatch(/seeds:\n {2}- 1001\n/);
    expect(mean(results.tables[0]!.rows[0]!.cells[0])).toBeGreaterThan(0.4);
    // The first generation is what a run without a teacher gives.
    const { program: _, ...alone } = recipe;
    const { results: plain } = await start(alone);
    expect(mean(results.tables[0]!.rows[0]!.cells[0])).toBeCloseTo(plain.distilled.metrics.accuracy!.mean, 12);
    const page = renderProgram(results, text);
    expect(page).toContain(results.sentence);
    expect(page).toContain('generation 3');
  });

  it('comes to the same weights when it is stopped again and again', async () => {
    const [once, stopped] = [folder(), folder()];
    const short = { ...recipe, program: { kind: 'born-again', generations: 2 }, seeds: 1 };
    await startProgram(short, { directory: once });
    expect(await interruptedProgram(short, stopped, 2)).toBeGreaterThan(2);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl|remembered.*\.json)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).length).toBeGreaterThan(6);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
    expect(existsSync(join(stopped, 'results.json'))).toBe(true);
  });

  it('teaches with weights by confidence (CWTM) and with permuted answers (DKPP)', async () => {
    for (const [weighting, said] of [
      ['cwtm', /by: confidence/],
      ['dkpp', /repair: permute/],
    ] as const) {
      const directory = folder();
      await startProgram({ ...recipe, seeds: 1, program: { kind: 'born-again', generations: 2, weighting } }, { directory });
      expect(readFileSync(join(directory, 'parts/seed-1/generation-2/recipe.yaml'), 'utf8')).toMatch(said);
    }
  });

  it('refuses a teacher, unknown options and a lone generation, with places', () => {
    expect(() => parsePlan({ ...recipe, teacher: { kind: 'onnx', model: 'x.onnx' } })).toThrow(
      /recipe: teacher: found one; expected none/,
    );
    expect(() => parsePlan({ ...recipe, program: { kind: 'born-again', generation: 3 } })).toThrow(
      /program\.generation: unknown key; did you mean `generations`/,
    );
    expect(() => parsePlan({ ...recipe, program: { kind: 'born-again', generations: 1 } })).toThrow(/program\.generations/);
    expect(() => parsePlan({ ...recipe, program: { kind: 'reborn' } })).toThrow(/program/);
  });
});

describe('permuted answers', () => {
  it('keep the first choice and hold the same numbers in another order', async () => {
    const graph = new Graph();
    const [batch, classes] = [64, 5];
    const logits = graph.input('logits', { dtype: 'float32', shape: [batch, classes] });
    const uniform = graph.input('u', { dtype: 'float32', shape: [batch, classes] });
    const extras = { uniform: () => uniform };
    graph.output(
      'out',
      repairOf({ repair: 'permute' }).apply(logits, { extras, target: logits } as never, { repair: 'permute' }).logits,
    );
    const session = await engine().open(encode(graph));
    const rows = Array.from({ length: batch }, (_, b) => Array.from({ length: classes }, (_, k) => ((b * 7 + k * 13) % 17) - 8));
    const draws = Array.from({ length: batch * classes }, (_, i) => (Math.sin(i * 12.9898) * 43758.5453) % 1).map((v) =>
      Math.abs(v),
    );
    const { out } = await session.run(
      { logits: tensor('float32', [batch, classes], rows.flat()), u: tensor('float32', [batch, classes], draws) },
      ['out'],
    );
    await session.release();
    let moved = 0;
    rows.forEach((row, b) => {
      const dealt = Array.from(out!.data as Float32Array).slice(b * classes, (b + 1) * classes);
      const best = row.indexOf(Math.max(...row));
      expect(dealt[best]).toBe(row[best]);
      expect(dealt.toSorted((x, y) => x - y)).toEqual(row.toSorted((x, y) => x - y));
      if (dealt.some((v, k) => v !== row[k])) moved++;
    });
    expect(moved).toBeGreaterThan(batch / 2);
  });
});
