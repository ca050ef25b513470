import { beforeAll, describe, expect, it } from 'vitest';
import type { Spread } from '../../src/run/record.ts';
import { synthesisMethods } from '../../src/synthesis/methods/list.ts';
import { placeForRuns } from '../support/runs.ts';

const { folder, start, startProgram } = placeForRuns('data-free-methods');

const data = { kind: 'glyphs', size: 300, classes: 3, pixels: 8, distortion: 0.3, noise: 0.2 };
const training = { epochs: 8, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } };
let taught = '';

describe('data-free', () => {
  beforeAll(async () => {
    taught = folder();
    const student = { model: { kind: 'cnn', channels: [6], batchNorm: true } };
    await start({ data, student, training, export: { int8: false } }, { directory: taught });
  });

  it('goes through every published method as it is, but for its length', async () => {
    const directory = folder();
    const methods = synthesisMethods.map(({ kind, synthesis: { steps } }) => ({
      kind,
      rounds: 3,
      steps: Math.min(2, steps),
      batchSize: 16,
    }));
    const { results } = await startProgram(
      {
        name: 'all',
        program: { kind: 'data-free', methods, statistics: 'collect', real: 32, withData: false, measurements: 2, shown: 1 },
        data,
        teacher: { kind: 'run', run: taught },
        student: { model: { kind: 'mlp', hidden: [8] } },
        training: { ...training, epochs: 1, batchSize: 16 },
        seeds: 1,
        export: { int8: false },
      },
      { directory },
    );
    const [real, synthetic] = results.tables;
    expect(real!.rows.map((r) => r.name)).toEqual([...synthesisMethods.map((m) => m.title), 'teacher']);
    for (const { name, cells } of synthetic!.rows) {
      const { mean } = cells[0] as Spread;
      expect(mean, name).toBeGreaterThanOrEqual(0);
      expect(mean, name).toBeLessThanOrEqual(1);
    }
  });
});
