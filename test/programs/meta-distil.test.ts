import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dividedFor } from '../../src/programs/meta-distil/train-arm.ts';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Spread } from '../../src/run/record.ts';
import { readSafetensors } from '../../src/run/safetensors.ts';
import { numbers } from '../support/ort.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const { folder, start, startProgram, interruptedProgram } = placeForRuns('meta-distil');

const recipe = {
  name: 'teaching',
  program: { kind: 'meta-distil', quiz: 0.2, teacher: { optimizer: { kind: 'adam', learningRate: 3e-3 } } },
  data: { kind: 'glyphs', size: 400, classes: 4, pixels: 8, distortion: 0.5, noise: 0.5 },
  teacher: { kind: 'train', model: { kind: 'cnn', channels: [6] }, training: { epochs: 2, batchSize: 32 } },
  student: { model: { kind: 'mlp', hidden: [6] } },
  objective: { alpha: 0.7, temperature: 2 },
  training: { epochs: 3, batchSize: 16, optimizer: { kind: 'adam', learningRate: 0.02 }, augment: [{ kind: 'noise' }] },
  seeds: 1,
};

describe('meta-distil', () => {
  it('compares a teacher that adapts with the controls, stopped or not, and delivers its student', async () => {
    const [once, stopped] = [folder(), folder()];
    const { results } = await startProgram(recipe, { directory: once });
    const [students, teacher] = results.tables;
    expect(students!.rows.map((r) => [r.name, r.control ?? false])).toEqual([
      ['teacher that adapts', false],
      ['teacher as it was, all examples', true],
      ['teacher as it was, without those of the quiz', true],
      ['labels alone, all examples', true],
    ]);
    for (const { cells } of students!.rows) expect((cells[0] as Spread).mean).toBeGreaterThan(0.25);
    const nll = teacher!.columns.findIndex((c) => c.title === 'nll');
    expect((teacher!.rows[1]!.cells[nll] as Spread).mean).not.toBe(teacher!.rows[0]!.cells[nll]);
    expect(results.charts.map((c) => c.series.map((s) => s.points.length))).toEqual([[3, 3, 3, 3], [3]]);
    expect(existsSync(join(once, 'parts/seed-1/adapted/student/onnx/model.onnx'))).toBe(true);
    expect(results.sentence).toMatch(/The teacher itself went from/);
    expect(await interruptedProgram(recipe, stopped, 4)).toBeGreaterThan(3);
    const what = /(weights\.safetensors|metrics\.jsonl|remembered.*\.json|model\.onnx)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).length).toBeGreaterThan(12);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
    const weights = (arm: string) => {
      const path = join(once, `parts/seed-1/${arm}/checkpoints/distilled-1/done/weights.safetensors`);
      return Object.keys(readSafetensors(readFileSync(path), path));
    };
    expect(weights('adapted').filter((n) => n.startsWith('teacher.')).length).toBeGreaterThan(2);
    expect(weights('fixed').filter((n) => n.startsWith('teacher.'))).toEqual([]);
  });

  it('has controls that are what a run would be, where the quiz costs no step; without validation, by a finished run', async () => {
    const { program: _, teacher: __, objective, ...plain } = recipe;
    const [master, run, directory] = [folder(), folder(), folder()];
    await start({ ...plain, student: { model: { kind: 'cnn', channels: [6] } }, training: { epochs: 1 } }, { directory: master });
    const taught = {
      ...plain,
      objective,
      data: { ...recipe.data, validation: 0 },
      teacher: { kind: 'run', run: master },
      training: { ...plain.training, epochs: 1, batchSize: 64 },
    };
    await start(taught, { directory: run });
    const { results } = await startProgram({ ...taught, program: { ...recipe.program, quiz: 1 }, seeds: 2 }, { directory });
    expect(results.charts).toEqual([]);
    const weights = (at: string) => readSafetensors(readFileSync(join(at, 'done/weights.safetensors')), at);
    const gap = (arm: string, role: string): number => {
      const own = weights(join(directory, `parts/seed-1/${arm}/checkpoints/distilled-1`));
      return Math.max(
        ...Object.entries(weights(join(run, `checkpoints/${role}-1`))).flatMap(([name, t]) =>
          numbers(t).map((v, i) => Math.abs(v - numbers(own[name]!)[i]!)),
        ),
      );
    };
    expect(gap('scratch', 'scratch')).toBeLessThan(1e-4);
    expect(gap('fixed', 'distilled')).toBeLessThan(1e-4);
    expect(gap('scratch', 'distilled')).toBeGreaterThan(1e-2);
    expect(gap('adapted', 'distilled')).toBeGreaterThan(1e-3);
  });

  it('takes files that are trained on, as teacher and as student', async () => {
    const { program: _, teacher: __, objective: ___, ...plain } = recipe;
    const run = folder();
    await start({ ...plain, training: { epochs: 1 } }, { directory: run });
    const model = { kind: 'onnx', model: join(run, 'student/onnx/model.onnx') };
    const { results } = await startProgram({
      ...recipe,
      teacher: { kind: 'train', model, training: { epochs: 1 } },
      student: { model },
      training: { epochs: 1, batchSize: 64 },
    });
    const [before, after] = results.tables[1]!.rows.map((r) => r.cells[1]);
    expect((after as Spread).mean).not.toBe(before);
  });

  it('refuses what it cannot carry, with advice', async () => {
    const refused = (change: object) => () => parsePlan({ ...recipe, ...change });
    expect(refused({ teacher: { kind: 'onnx', model: 'a.onnx' } })).toThrow(
      /teacher: found kind onnx; expected kind train or run/,
    );
    expect(refused({ teacher: undefined, objective: undefined })).toThrow(/teacher: found none/);
    expect(refused({ objective: undefined, losses: [{ kind: 'kd' }] })).toThrow(/losses: found it; expected none/);
    expect(refused({ training: { optimizer: { kind: 'sgd', ema: {} } } })).toThrow(/training\.optimizer\.ema: found it/);
    expect(refused({ training: { earlyStopping: { patience: 2 } } })).toThrow(/training\.earlyStopping: found it/);
    await expect(startProgram({ ...recipe, student: { model: { kind: 'cnn', channels: [4] } } })).rejects.toThrow(
      /student\.model: found .* with 'bn1\.running_mean'.*without running statistics/,
    );
    await expect(startProgram({ ...recipe, program: { kind: 'meta-distil', quiz: 4000 } })).rejects.toThrow(
      /program\.quiz: found 4000.*expected fewer/,
    );
    const csv = folder();
    mkdirSync(csv);
    writeFileSync(join(csv, 'a.csv'), `a,y\n${Array.from({ length: 60 }, (_, i) => `${i},${i * 0.5}`).join('\n')}\n`);
    const data = { kind: 'csv', path: join(csv, 'a.csv'), targets: ['y'] };
    await expect(startProgram({ ...recipe, data })).rejects.toThrow(/data: found .*expected pictures or rows with a class/);
  });

  it('keeps the quiz apart, of labelled examples alone', () => {
    const label = (i: number): number => (i % 4 === 0 ? -1 : i % 3);
    const all = { size: 40, label, read: () => {}, target: () => {}, row: (i: number) => i } as never;
    const { practice, quiz } = dividedFor(all, 0.2, 1);
    const places = (set: { size: number; row: (i: number) => unknown }) => Array.from({ length: set.size }, (_, i) => set.row(i));
    expect([practice.size, quiz.size]).toEqual([34, 6]);
    expect(new Set([...places(practice as never), ...places(quiz as never)]).size).toBe(40);
    for (const i of places(quiz as never)) expect(label(i as number)).toBeGreaterThanOrEqual(0);
    expect(places(dividedFor(all, 0.2, 2).quiz as never)).not.toEqual(places(quiz as never));
  });
});
