import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import { epochsOf } from '../../src/programs/teacher-study/teacher-study.ts';
import { validationScore } from '../../src/programs/validation.ts';
import { readRecord } from '../../src/run/read-record.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const mlp = (...hidden: number[]) => ({ kind: 'mlp', hidden });
const adam = { kind: 'adam', learningRate: 0.02, schedule: { kind: 'constant' } };
const recipe = {
  name: 'teachers',
  program: { kind: 'teacher-study', models: [mlp(8), mlp(32)], epochs: [1, 3] },
  data: { kind: 'spirals', size: 400 },
  teacher: { kind: 'train', model: mlp(32), training: { epochs: 4, batchSize: 32, optimizer: adam } },
  student: { model: mlp(6) },
  training: { epochs: 2, batchSize: 32, optimizer: adam },
  seeds: 2,
};
const { folder, start, startProgram, interruptedProgram } = placeForRuns('teacher-study');
const weights = (directory: string, path: string): string =>
  readFileSync(join(directory, path, 'weights.safetensors')).toString('base64');

describe('teacher-study', () => {
  it('looks at other teachers and at epochs of one, chooses on validation, and trains scratch once', async () => {
    const directory = folder();
    const { results } = await startProgram(recipe, { directory });
    expect(results.parts.map((p) => p.name)).toEqual([
      'teacher',
      'student-of-teacher',
      'teacher-2',
      'student-of-teacher-2',
      ...[1, 3, 4].map((epoch) => `student-of-epoch-${epoch}`),
    ]);
    const [strengths, lengths] = results.tables;
    expect(strengths!.rows.map((r) => r.name)).toEqual(['from scratch', 'mlp-32', 'mlp-8']);
    expect(lengths!.rows.map((r) => r.name)).toEqual(['from scratch', 'epoch 1', 'epoch 3', 'epoch 4']);
    const scores = [];
    for (const epoch of [1, 3, 4])
      scores.push(validationScore(await readRecord(join(directory, `parts/student-of-epoch-${epoch}`))));
    expect(lengths!.rows.slice(1).map((r) => (r.cells[1] as Spread).mean)).toEqual(scores.map((s) => expect.closeTo(s, 12)));
    expect(lengths!.rows[1 + scores.indexOf(Math.max(...scores))]!.cells.at(-1)).toBe('chosen');
    expect(existsSync(join(directory, 'parts/student-of-teacher/checkpoints/scratch-1'))).toBe(true);
    expect(existsSync(join(directory, 'parts/student-of-epoch-1/checkpoints/scratch-1'))).toBe(false);
    expect(results.charts).toHaveLength(2);
  });

  it('comes to the same weights when it is stopped again and again', async () => {
    const [once, stopped] = [folder(), folder()];
    const short = { ...recipe, program: { kind: 'teacher-study', epochs: [2] }, seeds: 1 };
    await startProgram(short, { directory: once });
    expect(await interruptedProgram(short, stopped, 2)).toBeGreaterThan(3);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes)).toContain('parts/teacher/checkpoints/distilled-1/epoch-2/weights.safetensors');
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('may give every length a training of its own', async () => {
    const short = { ...recipe, program: { kind: 'teacher-study', epochs: [2], lengths: 'trainings' }, seeds: 1 };
    const { results } = await startProgram({ ...short, training: { ...recipe.training, epochs: 1 } });
    expect(results.parts.map((p) => p.name)).toEqual([
      'teacher',
      'teacher-of-2-epochs',
      'student-of-epoch-2',
      'student-of-epoch-4',
    ]);
    expect(results.sentence).toMatch(/epoch/);
  });

  it('refuses what is no study', () => {
    const plan =
      (program: object, rest: object = {}) =>
      () =>
        parsePlan({ ...recipe, ...rest, program: { kind: 'teacher-study', ...program } });
    expect(plan({}, { teacher: { kind: 'onnx', model: 'teacher.onnx' } })).toThrow(
      /teacher: found kind: onnx; expected kind: train/,
    );
    expect(plan({ epochs: [2, 9] })).toThrow(/program\.epochs: found 9; expected at most 4/);
    expect(plan({ epochs: [4] })).toThrow(/program: found one teacher/);
    const stops = { ...recipe.teacher, training: { ...recipe.teacher.training, earlyStopping: { patience: 2 } } };
    expect(plan({}, { teacher: stops })).toThrow(/teacher\.training\.earlyStopping/);
  });

  it('spaces epochs evenly on a logarithmic scale, the last among them', () => {
    expect(epochsOf(5, 16)).toEqual([1, 2, 4, 8, 16]);
    expect(epochsOf(5, 3)).toEqual([1, 2, 3]);
    expect(epochsOf([4, 2, 2], 10)).toEqual([2, 4, 10]);
  });
});

describe('epochs that a run keeps', () => {
  const { teacher: _, program: __, ...alone } = recipe;
  const kept = {
    ...alone,
    training: { epochs: 3, batchSize: 32, optimizer: adam, keep: [2, 3] },
    data: { ...recipe.data, validation: 0 },
  };
  const taught = (teacher: object) => ({
    ...alone,
    seeds: 1,
    teacher: { kind: 'run', ...teacher },
    controls: { scratch: false },
  });

  it('hold the weights of a training that ended there, and teach', async () => {
    const directory = folder();
    await start(kept, { directory });
    // Without validation the last epoch counts.
    expect(weights(directory, 'checkpoints/distilled-1/epoch-3')).toBe(weights(directory, 'checkpoints/distilled-1/done'));
    expect(weights(directory, 'checkpoints/distilled-1/epoch-2')).not.toBe(weights(directory, 'checkpoints/distilled-1/done'));
    const shorter = folder();
    await start({ ...kept, seeds: 1, training: { ...kept.training, epochs: 2, keep: [2] } }, { directory: shorter });
    expect(weights(directory, 'checkpoints/distilled-1/epoch-2')).toBe(weights(shorter, 'checkpoints/distilled-1/done'));
    const early = await start(taught({ run: directory, seed: 1, epoch: 2 }));
    const last = await start(taught({ run: shorter, seed: 1 }));
    expect(early.results.teacher!.metrics).toEqual(last.results.teacher!.metrics);
    await expect(start(taught({ run: directory, epoch: 1 }))).rejects.toThrow(/teacher\.epoch: found no weights of epoch 1/);
  });
});
