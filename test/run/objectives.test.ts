import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModelFile } from '../../src/data/model-file.ts';
import { importModel } from '../../src/models/import.ts';
import { parseRecipeText } from '../../src/recipe/parse.ts';
import { renderReport } from '../../src/report/render.ts';
import { MismatchError } from '../../src/run/error.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { placeForRuns } from '../support/runs.ts';

const fast = { epochs: 2, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.01 } };
const recipe = {
  name: 'spirals',
  data: { kind: 'spirals', size: 400 },
  teacher: { kind: 'train', model: { kind: 'mlp', hidden: [16, 16] }, training: fast },
  student: { model: { kind: 'mlp', hidden: [8, 8] } },
  losses: [{ kind: 'kd' }, { kind: 'labels' }],
  controls: { scratch: false },
  training: fast,
};

const { folder, start, engine, interrupted } = placeForRuns('objectives');
const weightsOf = (directory: string, job = 'distilled-1'): string =>
  readFileSync(join(directory, 'checkpoints', job, 'done/weights.safetensors')).toString('base64');

describe('objectives of a run', () => {
  it.each([
    ['projectors', { losses: [{ kind: 'hint', weight: 0.1 }, { kind: 'labels' }] }],
    ['the student of the last epoch', { teacher: undefined, losses: [{ kind: 'past-self' }, { kind: 'labels' }] }],
    ['a moving average', { teacher: undefined, losses: [{ kind: 'mean-teacher' }, { kind: 'labels' }] }],
    ['peers', { teacher: undefined, losses: [{ kind: 'mutual' }, { kind: 'labels' }] }],
    ['a memory', { losses: [{ kind: 'crd', count: 16 }, { kind: 'labels' }] }],
    [
      'schedules',
      {
        losses: [
          {
            kind: 'kd',
            temperature: { schedule: 'exponential', from: 8, rate: 0.5 },
            weight: { schedule: 'cosine', from: 1, to: 0.2 },
          },
          { kind: 'labels', examples: [{ by: 'rarity' }] },
        ],
      },
    ],
    ['a learned temperature', { losses: [{ kind: 'kd', temperature: { by: 'learned' } }, { kind: 'labels' }] }],
    ['balanced terms', { balance: 'gradient', losses: [{ kind: 'kd' }, { kind: 'labels' }, { kind: 'logit-mse' }] }],
    ['stages', { stages: [{ losses: [{ kind: 'hint' }], epochs: 1 }] }],
  ])('%s: stopped and resumed leaves the same student', async (_, change) => {
    const [whole, parts] = [folder(), folder()];
    const input = { ...recipe, ...change };
    await start(input, { directory: whole });
    expect(await interrupted(input, parts)).toBeGreaterThan(0);
    expect(weightsOf(parts)).toBe(weightsOf(whole));
  });

  it('leaves projectors and peers out of the student that is exported', async () => {
    const plain = await start(recipe);
    const hinted = await start({ ...recipe, losses: [...recipe.losses, { kind: 'hint' }, { kind: 'mutual' }] });
    expect(hinted.results.distilled.cost.parameters).toBe(plain.results.distilled.cost.parameters);
    expect(hinted.results.distilled.cost.bytes).toBe(plain.results.distilled.cost.bytes);
  });

  it('records how hard each term pulls; balanced ones pull as their weights say', async () => {
    const losses = [
      { kind: 'kd', weight: 1 },
      { kind: 'labels', weight: 1 },
      { kind: 'logit-mse', weight: 3 },
    ];
    const shares = ({ history }: RunRecord) => history.findLast((r) => r.gradients)!.gradients!;
    const plain = shares(await start({ ...recipe, losses }));
    expect(Object.values(plain).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    const balanced = shares(await start({ ...recipe, losses, balance: 'gradient' }));
    for (const [term, share] of [
      ['kd', 0.2],
      ['labels', 0.2],
      ['logit-mse', 0.6],
    ] as const) {
      expect(Math.abs(balanced[term]! - share)).toBeLessThan(0.12);
    }
    expect(Math.abs(plain['logit-mse']! - 0.6)).toBeGreaterThan(0.15);
  });

  it('trains stages one after the other, and the control as long as all of them', async () => {
    const { history } = await start({
      ...recipe,
      controls: { scratch: true },
      stages: [{ losses: [{ kind: 'hint' }], epochs: 2 }],
    });
    const rows = (role: string) => history.filter((r) => r.role === role && r.split === 'train');
    expect(rows('distilled').map((r) => [r.epoch, Object.keys(r.losses!)])).toEqual([
      [1, ['hint']],
      [2, ['hint']],
      [3, ['kd', 'labels']],
      [4, ['kd', 'labels']],
    ]);
    expect(rows('scratch').map((r) => r.epoch)).toEqual([1, 2, 3, 4]);
    expect(rows('distilled').map((r) => r.step)).toEqual(rows('scratch').map((r) => r.step));
  });

  it('asks the teacher once for what two stages want of it, and gives projectors a rate of their own', async () => {
    const groups = [{ match: 'extra.*', learningRate: 0.1 }];
    const { history } = await start({
      ...recipe,
      controls: { scratch: true },
      training: { ...fast, optimizer: { ...fast.optimizer, groups } },
      stages: [
        { losses: [{ kind: 'kd' }, { kind: 'hint' }], epochs: 1 },
        { losses: [{ kind: 'kd' }], epochs: 1 },
      ],
    });
    expect(history.filter((r) => r.role === 'distilled' && r.split === 'train')).toHaveLength(4);
  });

  it('puts the losses of the task where the recipe names none, and refuses those of another', async () => {
    const { losses: _, ...plain } = recipe;
    const regression = { ...plain, data: { kind: 'friedman', size: 300 } };
    const directory = folder();
    const { history } = await start(regression, { directory });
    expect(Object.keys(history.findLast((r) => r.losses)!.losses!)).toEqual(['regression-kd', 'regression']);
    expect(() => parseRecipeText(readFileSync(join(directory, 'recipe.yaml'), 'utf8'))).not.toThrow();
    const teacher = { teacher: undefined };
    const wrong = start({
      ...regression,
      ...teacher,
      losses: [{ kind: 'labels' }, { kind: 'regression', examples: [{ by: 'focal' }] }],
    });
    await expect(wrong).rejects.toThrow(/losses\.0: the loss 'labels' does not fit data with values to predict/);
    await expect(wrong).rejects.toThrow(/losses\.1\.examples: the rule 'focal'/);
  });

  it('combines several teachers, and offers each of them', async () => {
    const { teacher, ...rest } = recipe;
    const members = [1, 2, 3].map((seed) => ({ ...teacher, seed }));
    const { results } = await start({
      ...rest,
      teacher: { kind: 'ensemble', members, weights: 'validation' },
      losses: [{ kind: 'kd' }, { kind: 'ensemble-kd' }, { kind: 'labels' }],
    });
    expect(results.teacher!.model).toContain('ensemble of 3');
    expect(results.teacher!.cost.parameters).toBeGreaterThan(3 * results.distilled.cost.parameters);
  });

  it('learns from a teacher of other classes where the loss allows it', async () => {
    const directory = folder();
    const data = { kind: 'blobs', size: 300, features: 2, classes: 5 };
    await start({ ...recipe, data, teacher: undefined, losses: undefined }, { directory });
    const teacher = { kind: 'onnx', model: join(directory, 'student/onnx/model.onnx') };
    await expect(start({ ...recipe, teacher })).rejects.toThrow(/gives \[5\].*uld, mapped-kd/);
    const record = await start({ ...recipe, teacher, losses: [{ kind: 'uld' }, { kind: 'labels' }] });
    expect(record.results.teacher!.metrics).toEqual({});
    expect(renderReport(record)).toContain('other classes');
  });

  it('taps a file by tensor name, and by the roles that the recipe gives', async () => {
    const directory = folder();
    await start(
      { ...recipe, teacher: undefined, losses: undefined, student: { model: { kind: 'mlp', hidden: [16, 12] } } },
      { directory },
    );
    const file = join(directory, 'student/onnx/model.onnx');
    const { taps } = await importModel(loadModelFile(file), engine());
    const tensor = taps.find(({ shape }) => shape[1] === 12)!.name;
    const named = { kind: 'hint', layers: [{ student: 'hidden.1', teacher: tensor }] };
    const byName = await start({ ...recipe, teacher: { kind: 'onnx', model: file }, losses: [named] });
    const byRole = await start({
      ...recipe,
      teacher: { kind: 'onnx', model: file, taps: { 'hidden.0': tensor } },
      losses: [{ kind: 'hint', layers: [{ student: 'hidden.1', teacher: 'hidden.0' }] }],
    });
    const told = ({ history }: RunRecord) => history.flatMap((r) => r.losses?.hint ?? []);
    expect(told(byName)[0]).toBeGreaterThan(0);
    expect(told(byRole)).toEqual(told(byName));
    const wrong = start({ ...recipe, teacher: { kind: 'onnx', model: file, taps: { embedding: 'nothing' } } });
    await expect(wrong).rejects.toThrow(/teacher\.taps\.embedding: .* has no tensor 'nothing'.*nearest are .*\[\d+\]/);
  });

  it('takes some of the classes of a teacher, or several as one', async () => {
    const directory = folder();
    const five = { kind: 'blobs', size: 400, features: 2, classes: 5 };
    await start({ ...recipe, data: five, teacher: undefined, losses: undefined }, { directory });
    const teacher = { kind: 'onnx', model: join(directory, 'student/onnx/model.onnx') };
    const { results } = await start({ ...recipe, teacher: { ...teacher, classes: [[0, 3], [1], [2]] } });
    expect(results.teacher!.metrics.accuracy!.mean).toBeGreaterThanOrEqual(0);
    expect(results.distilled.metrics).toHaveProperty('agreement');
    await expect(start({ ...recipe, teacher: { ...teacher, classes: [[0], [5], [1]] } })).rejects.toThrow(/5/);
  });

  it('repairs the teacher before the losses see it', async () => {
    const silent = { repairs: [{ repair: 'abstain', below: 1 }], losses: [{ kind: 'kd' }, { kind: 'labels' }] };
    const { history, details } = await start({ ...recipe, ...silent });
    const told = history.filter((r) => r.role === 'distilled' && r.losses).map((r) => r.losses!.kd);
    expect(told).toEqual(told.map(() => 0));
    expect(details.notes.join('\n')).toMatch(/'kd' was 0 in every epoch/);
  });

  it('lists the nearest taps and their shapes where one is missing', async () => {
    const layers = [{ student: 'hidden.7', teacher: 'hiden.1' }];
    const wrong = start({ ...recipe, losses: [{ kind: 'hint', layers }] });
    await expect(wrong).rejects.toThrow(MismatchError);
    await expect(wrong).rejects.toThrow(/losses: 'hint' taps 'hidden.7' of the student.*nearest are hidden\.\d \[8\]/);
    await expect(wrong).rejects.toThrow(/'hiden.1' of mlp.*nearest are hidden\.1 \[16\]/);
  });
});
