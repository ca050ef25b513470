import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Cell } from '../../src/programs/record.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const glyphs = { kind: 'glyphs', size: 500, classes: 6, pixels: 12, distortion: 0.6, noise: 0.5 };
const recipe = {
  name: 'cross',
  program: { kind: 'cross-task', labels: [2], steps: 3, source: { ...glyphs, only: ['A', 'B', 'C'] } },
  data: { ...glyphs, only: ['D', 'E', 'F'] },
  teacher: { kind: 'train', model: { kind: 'cnn', channels: [8, 8] }, training: { epochs: 1, batchSize: 32 } },
  student: { model: { kind: 'cnn', channels: [4, 8] } },
  losses: [{ kind: 'hint' }],
  training: { epochs: 1, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } },
  seeds: 1,
};

const { folder, startProgram, interruptedProgram } = placeForRuns('cross-task');

describe('cross-task', () => {
  it('learns from a teacher of other classes, first without labels, stopped or not', async () => {
    const [once, stopped] = [folder(), folder()];
    const { results } = await startProgram(recipe, { directory: once });
    expect(results.tables[0]!.rows.map((r) => r.name)).toEqual([
      'the labels alone',
      'labels and features of the same examples',
      'features of all examples first, then both',
    ]);
    for (const { cells } of results.tables[0]!.rows) expect((cells[0] as Spread & Cell).mean).toBeGreaterThan(0);
    const said = (part: string): string => readFileSync(join(once, 'parts', part, 'recipe.yaml'), 'utf8');
    expect(said('teacher')).toMatch(/only:\n {4}- A\n/);
    expect(said('seed-1/features')).not.toMatch(/kind: labels/);
    expect(said('seed-1/labels-2/scratch')).not.toMatch(/kind: hint|teacher:/);
    expect(said('seed-1/labels-2/features-first')).toMatch(/kind: hint[\s\S]*kind: labels/);
    expect(said('seed-1/labels-2/features-first')).toMatch(/perClass: 2\n/);
    expect(await interruptedProgram(recipe, stopped, 2)).toBeGreaterThan(2);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl)$/;
    expect(bytesUnder(stopped, what)).toEqual(bytesUnder(once, what));
  });

  it('refuses soft targets and a missing teacher', () => {
    const { losses, ...soft } = recipe;
    const { teacher: _, ...alone } = recipe;
    expect(() => parsePlan({ ...soft, objective: { alpha: 0.5 } })).toThrow(/objective: found soft targets/);
    expect(() => parsePlan({ ...alone, losses: [...losses, { kind: 'labels' }] })).toThrow(/teacher/);
  });
});
