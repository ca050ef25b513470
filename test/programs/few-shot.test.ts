import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Cell } from '../../src/programs/record.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const recipe = {
  name: 'few',
  program: { kind: 'few-shot', shots: [6], steps: 6 },
  data: { kind: 'glyphs', size: 600, classes: 3, pixels: 12, distortion: 0.6, noise: 0.5 },
  teacher: {
    kind: 'train',
    model: { kind: 'cnn', channels: [12, 24] },
    training: { epochs: 5, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } },
  },
  student: { model: { kind: 'cnn', channels: [3, 6] } },
  training: { batchSize: 16, optimizer: { kind: 'adam', learningRate: 0.001 } },
  seeds: 1,
};

const { folder, startProgram, interruptedProgram } = placeForRuns('few-shot');
const mean = (cell: Cell | undefined): number => (cell as Spread).mean;

describe('few-shot', () => {
  it('aligns a student that was cut out of its teacher, and compares it with training on the same examples, stopped or not', async () => {
    const [once, stopped] = [folder(), folder()];
    const { results } = await startProgram(recipe, { directory: once });
    const [table, layers] = results.tables;
    const row = (name: string): readonly Cell[] => table!.rows.find((r) => r.name === name)!.cells;
    expect(table!.columns.map((c) => c.title)).toEqual(['6 of a class']);
    const cut = mean(row('cut out of the teacher, nothing learnt')[0]);
    expect(mean(row('aligned in closed form')[0])).toBeGreaterThan(cut);
    expect(mean(row('aligned in closed form')[0])).toBeGreaterThan(mean(row('labels, from chance')[0]));
    expect(layers!.rows.map((r) => r.name)).toEqual(['conv1', 'conv2', 'fc']);
    for (const { cells } of layers!.rows) expect(mean(cells[1])).toBeLessThan(mean(cells[0]) + 1e-6);
    expect(results.sentence).toMatch(/With 6 examples of a class the aligned student gets/);
    expect(await interruptedProgram(recipe, stopped, 6)).toBeGreaterThan(2);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl|remembered.*\.json)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).length).toBeGreaterThan(8);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('refuses teachers whose weights it cannot have, and students that are built otherwise', async () => {
    expect(() => parsePlan({ ...recipe, teacher: { kind: 'onnx', model: 'x.onnx' } })).toThrow(
      /recipe: teacher: found kind onnx; expected kind train or run/,
    );
    await expect(startProgram({ ...recipe, student: { model: { kind: 'cnn', channels: [8, 48] } } })).rejects.toThrow(
      /conv2\.weight: axis 0 counts 48 channels, and of the wider model 24/,
    );
  });
});
