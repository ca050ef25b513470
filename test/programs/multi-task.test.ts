import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floatDataset, plainVector } from '../../src/data/dataset.ts';
import { merged, sideBySide } from '../../src/programs/multi-task/merged.ts';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const set = (values: readonly number[], labels: readonly number[], classes: readonly string[]) =>
  floatDataset({ name: 'set', example: plainVector(['x']), values: Float32Array.from(values), labels, classes });

describe('several sets as one', () => {
  const [small, large] = [
    set([1, 2], [0, 1], ['a', 'b']),
    set([3, 4, 5, 6, 7, 8, 9, 10], [0, 1, 2, 0, 1, 2, 0, 1], ['x', 'y', 'z']),
  ];
  const members = sideBySide([
    { name: 'small', dataset: small },
    { name: 'large', dataset: large },
  ]);

  it('have their classes side by side, and are drawn by a power of their sizes', () => {
    const sizes = [1, 0.5, 0].map((power) => merged(members, power).dataset.size);
    expect(sizes).toEqual([10, 12, 16]);
    const { dataset, at } = merged(members, 0.5);
    expect(dataset.classes).toEqual(['small: a', 'small: b', 'large: x', 'large: y', 'large: z']);
    const all = Array.from({ length: dataset.size }, (_, i) => {
      const x = new Float32Array(1);
      dataset.read(i, x, 0);
      return [x[0], dataset.label(i), at(i).member];
    });
    expect(all.slice(0, 6)).toEqual([
      [1, 0, 0],
      [2, 1, 0],
      [1, 0, 0],
      [2, 1, 0],
      [3, 2, 1],
      [4, 3, 1],
    ]);
  });

  it('are refused where their examples differ', () => {
    const other = floatDataset({
      name: 'set',
      example: plainVector(['x', 'y']),
      values: new Float32Array(2),
      labels: [0],
      classes: ['a', 'b'],
    });
    expect(() =>
      sideBySide([
        { name: 'one', dataset: small },
        { name: 'two', dataset: other },
      ]),
    ).toThrow(/found two with examples of \[2\]; expected .* examples of \[1\], as one has/);
  });
});

const glyphs = { kind: 'glyphs', size: 360, classes: 6, pixels: 10, distortion: 0.2, noise: 0.2 };
const teacher = { kind: 'train', model: { kind: 'mlp', hidden: [16] }, training: { epochs: 2, batchSize: 32 } };
const recipe = {
  name: 'both',
  program: {
    kind: 'multi-task',
    name: 'first',
    also: [
      { name: 'second', data: { ...glyphs, only: ['C', 'D', 'E'] }, teacher },
      { name: 'third', data: { ...glyphs, only: ['E', 'F'] } },
    ],
    sampling: 0.5,
  },
  data: { ...glyphs, only: ['A', 'B'] },
  teacher,
  student: { model: { kind: 'mlp', hidden: [12] } },
  objective: { alpha: 0.7 },
  training: { epochs: 3, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } },
  seeds: 1,
};

const { folder, startProgram, interruptedProgram } = placeForRuns('multi-task');

describe('multi-task', () => {
  it('learns all tasks in one student and measures each head among its classes, stopped or not', async () => {
    const [once, stopped] = [folder(), folder()];
    const { results } = await startProgram(recipe, { directory: once });
    const rows = results.tables[0]!.rows;
    expect(rows.map((r) => r.name)).toEqual(['first', 'second', 'third']);
    expect(rows[2]!.cells[1]).toBeNull();
    for (const { cells } of rows) expect((cells[3] as Spread).mean).toBeGreaterThan(0.45);
    expect(readdirSync(join(once, 'parts/together/student')).length).toBeGreaterThan(1);
    expect(await interruptedProgram(recipe, stopped, 2)).toBeGreaterThan(4);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl|remembered.*\.json)$/;
    expect(bytesUnder(stopped, what)).toEqual(bytesUnder(once, what));
  });

  it('refuses losses of the recipe and names that are there twice', () => {
    expect(() => parsePlan({ ...recipe, objective: undefined, losses: [{ kind: 'labels' }] })).toThrow(
      /losses: found some; expected none/,
    );
    const also = [recipe.program.also[1]!, recipe.program.also[1]!];
    expect(() => parsePlan({ ...recipe, program: { ...recipe.program, also } })).toThrow(/program\.also\.1\.name: found 'third'/);
  });
});
