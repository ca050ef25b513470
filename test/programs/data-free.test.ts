import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const { folder, start, startProgram, interruptedProgram } = placeForRuns('data-free');

const glyphs = { kind: 'glyphs', size: 500, classes: 3, pixels: 8, distortion: 0.3, noise: 0.2 };
const training = { epochs: 12, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } };
const generator = { kind: 'generator', latent: 8, channels: 4 };
const game = { kind: 'zskt', inputs: generator, rounds: 6, batchSize: 16, student: { steps: 3 } };
const impressions = { kind: 'zskd', rounds: 6, batchSize: 16, steps: 10, memory: 200 };
/** A generator of its own in each round, and a memory that forgets. */
const memory = {
  kind: 'custom',
  name: 'with a memory',
  inputs: { kind: 'latent', latent: 8, channels: 4, generator: 'meta' },
  priors: [
    { kind: 'confident', target: 'random' },
    { kind: 'batch-statistics' },
    { kind: 'adversarial', distance: 'js' },
    { kind: 'contrast', memory: 32, flip: false },
  ],
  rounds: 6,
  batchSize: 16,
  steps: 4,
  optimizer: { kind: 'adam', learningRate: 0.01 },
  student: { steps: 3, from: 'memory', augment: [{ kind: 'shift', pixels: 1 }, { kind: 'noise' }] },
  memory: 32,
};
let taught = '';
let plain = '';

/** A recipe on a teacher that is there. */
const recipe = (methods: readonly unknown[], more: object = {}) => ({
  name: 'without',
  program: { kind: 'data-free', methods, withData: false, measurements: 3, shown: 2 },
  data: glyphs,
  teacher: { kind: 'run', run: taught },
  student: { model: { kind: 'mlp', hidden: [8] } },
  training: { ...training, epochs: 2, batchSize: 16 },
  seeds: 1,
  export: { int8: false },
  ...more,
});

describe('data-free', () => {
  beforeAll(async () => {
    taught = folder();
    plain = folder();
    const student = { model: { kind: 'cnn', channels: [6], batchNorm: true } };
    await start({ data: glyphs, student, training, export: { int8: false } }, { directory: taught });
    const without = { model: { kind: 'mlp', hidden: [16] } };
    await start({ data: glyphs, student: without, training, export: { int8: false } }, { directory: plain });
  });

  it('follows each method to the same bytes, stopped or not, and shows what it made', async () => {
    const [once, stopped] = [folder(), folder()];
    const all = recipe([{ kind: 'gaussian', rounds: 6, batchSize: 16 }, game, impressions, memory]);
    const { results } = await startProgram(all, { directory: once });
    expect(results.tables[0]!.rows.map((r) => [r.name, r.control ?? false])).toEqual([
      ['Gaussian noise', true],
      ['zero-shot transfer (ZSKT)', false],
      ['zero-shot (ZSKD)', false],
      ['with a memory', false],
      ['teacher', true],
    ]);
    const shown = (time: boolean) => results.galleries!.filter((g) => g.title.endsWith('as time went by') === time);
    expect(shown(false).map((g) => g.rows.length)).toEqual([3, 3, 3, 3]);
    expect(shown(true).map((g) => g.rows[0]!.name)).toEqual(['round 1', 'after 2 rounds', 'round 1', 'after 2 rounds']);
    expect(shown(true).every((g) => g.rows.length > 1)).toBe(true);
    for (const { rows } of results.galleries!)
      for (const { shown } of rows) if (shown?.kind === 'pictures') expect(existsSync(join(once, shown.sheet))).toBe(true);
    expect(results.charts.map((c) => c.series.length)).toEqual([4, 4]);
    expect(results.sentence).toMatch(/^Without any of the data, .* gives a student of/);
    expect(await interruptedProgram(all, stopped, 3)).toBeGreaterThan(3);
    const what = /(weights\.safetensors|metrics\.jsonl|model\.onnx|\.bin|\.png)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes).filter((path) => path.endsWith('.bin')).length).toBeGreaterThan(12);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('does not look at the data: with none at all the students are the same, and nothing is called accuracy', async () => {
    const [with_, without] = [folder(), folder()];
    const methods = [game, impressions];
    await startProgram(recipe(methods), { directory: with_ });
    const { results } = await startProgram(recipe(methods, { data: { kind: 'none', shape: [1, 8, 8], classes: 3 } }), {
      directory: without,
    });
    const what = /done\/weights\.safetensors$/;
    const students = bytesUnder(without, what);
    expect(Object.keys(students)).toHaveLength(3);
    expect(students).toEqual(bytesUnder(with_, what));
    expect(results.sentence).toMatch(/That is no accuracy/);
    expect(JSON.stringify([results.tables, results.charts])).not.toMatch(/"accuracy"/);
    expect(existsSync(join(without, 'report.html')) || existsSync(join(without, 'results.json'))).toBe(true);
  });

  it('teaches: the student agrees with the teacher on data that nobody saw, and more so than one that had noise', async () => {
    const noise = { kind: 'gaussian', rounds: 24, batchSize: 32 };
    const statistics = { kind: 'lopes', rounds: 24, batchSize: 32, steps: 30 };
    const given = recipe([noise, statistics], {
      student: { model: { kind: 'mlp', hidden: [16] } },
      training: { ...training, epochs: 20 },
    });
    const { results } = await startProgram(
      { ...given, program: { ...given.program, statistics: 'collect' } },
      { directory: folder() },
    );
    expect(results.notes.join(' ')).toMatch(/Statistics .* were collected/);
    const [control, student, teacher] = results.tables[0]!.rows;
    const agreement = results.tables[0]!.columns.findIndex((c) => c.title.startsWith('agreement'));
    const of = (row: typeof student): number => (row!.cells[agreement] as Spread).mean;
    expect(teacher!.cells[0]).toBeGreaterThan(0.85);
    expect(of(student)).toBeGreaterThan(0.75);
    expect(of(student)).toBeGreaterThan(of(control) + 0.1);
  });

  it('takes any objective: features and relations on made-up examples', async () => {
    // The attention term is part of what is published with ZSKT.
    const losses = [{ kind: 'kd', temperature: 1 }, { kind: 'labels' }, { kind: 'rkd-distance' }, { kind: 'at', weight: 250 }];
    const student = { model: { kind: 'cnn', channels: [4] } };
    for (const method of [game, impressions]) {
      const { results } = await startProgram(recipe([method], { losses, student }), { directory: folder() });
      expect(results.tables[0]!.rows[0]!.cells[0]).toHaveProperty('mean');
    }
  });

  it('lets a method say how its student learns', async () => {
    const optimizer = { kind: 'sgd', learningRate: 0.05 };
    const learnt = async (method: object, more: object = {}) => {
      const directory = folder();
      await startProgram(recipe([{ ...game, ...method }], { training: { ...training, ...more } }), { directory });
      return bytesUnder(directory, /distilled.*done\/weights\.safetensors$/);
    };
    const own = await learnt({ student: { steps: 3, optimizer } });
    expect(Object.keys(own)).toHaveLength(1);
    expect(own).toEqual(await learnt({}, { optimizer }));
    expect(own).not.toEqual(await learnt({}));
  });

  it('distils with the data beside it where there are any, as a control', async () => {
    const given = recipe([game]);
    const { results } = await startProgram({ ...given, program: { ...given.program, withData: true } }, { directory: folder() });
    expect(results.tables[0]!.rows.map((r) => r.name)).toEqual([
      'zero-shot transfer (ZSKT)',
      'distilled with the data',
      'from labels alone',
      'teacher',
    ]);
  });

  it('says what a teacher without BatchNormalization, or without statistics, allows', async () => {
    const teacher = { kind: 'run', run: plain };
    await expect(startProgram(recipe([memory], { teacher }), { directory: folder() })).rejects.toThrow(
      /BatchNormalization[\s\S]*zskt/,
    );
    await expect(startProgram(recipe(['lopes']), { directory: folder() })).rejects.toThrow(/potstill collect/);
    await expect(startProgram(recipe(['gan']), { directory: folder() })).rejects.toThrow(/real/);
  });

  it('refuses recipes that cannot be', () => {
    const problems = (given: object): string => {
      try {
        parsePlan(given);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    const good = recipe([game]);
    expect(problems(good)).toBe('');
    expect(problems({ ...good, teacher: undefined })).toMatch(/teacher: found none/);
    expect(problems(recipe([game, { ...impressions, name: 'zero-shot transfer (ZSKT)' }]))).toMatch(/a second time/);
    expect(problems(recipe([{ kind: 'custom', rounds: 3 }]))).toMatch(/program\.methods\.0\.(inputs|priors)/);
    expect(problems(recipe(['zsdk']))).toMatch(/program\.methods/);
    expect(problems(recipe([{ ...game, student: { steps: 3, augment: [{ kind: 'flip' }] } }]))).toMatch(
      /program\.methods\.0\.student\.augment: .*from: memory/,
    );
  });
});
