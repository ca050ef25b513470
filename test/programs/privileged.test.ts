import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import { findings } from '../../src/programs/privileged/findings.ts';
import { privilegedOptions } from '../../src/programs/privileged/options.ts';
import { objectiveOf, recipeOf } from '../../src/programs/privileged/repetition.ts';
import type { Cell } from '../../src/programs/record.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import type { Spread } from '../../src/run/record.ts';
import { taskOf } from '../../src/run/tasks/of.ts';
import { load } from '../data/fixture.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

const training = { epochs: 20, batchSize: 50, optimizer: { kind: 'adam', learningRate: 0.05, schedule: { kind: 'constant' } } };
const recipe = {
  name: 'priv',
  program: { kind: 'privileged', temperatures: [1, 4], imitation: [0.5, 1] },
  data: { kind: 'privileged', experiment: 'relevant-features', features: 20, size: 100, testSize: 1000, validationSize: 100 },
  teacher: { kind: 'train', model: { kind: 'mlp', hidden: [] }, preprocess: { columns: ['privileged*'] }, training },
  student: { model: { kind: 'mlp', hidden: [] }, preprocess: { columns: ['x*'] } },
  training,
  seeds: 2,
};
const options = (given: object = {}) => privilegedOptions.parse({ ...recipe.program, ...given });

const { folder, startProgram, interruptedProgram } = placeForRuns('privileged');
const mean = (cell: Cell | undefined): number => (cell as Spread).mean;

describe('privileged', () => {
  it('sets teacher, regular student and the students of all settings beside each other', async () => {
    const { results, recipe: text } = await startProgram(recipe);
    const [summary, onTest, onValidation] = results.tables;
    expect(summary!.rows.map((r) => r.name)).toEqual([
      'privileged teacher',
      'regular student',
      'distilled, chosen on validation',
      'distilled, best on test',
    ]);
    const [teacher, regular, chosen, best] = summary!.rows.map((r) => mean(r.cells[0])) as [number, number, number, number];
    expect(teacher).toBeGreaterThan(regular + 0.04);
    expect(chosen).toBeGreaterThan(regular + 0.02);
    expect(best).toBe(Math.max(...onTest!.rows.flatMap((r) => r.cells.map(mean))));
    const scores = onValidation!.rows.flatMap((r) => r.cells.map(mean));
    expect(mean(summary!.rows[2]!.cells[1])).toBe(Math.max(...scores));
    expect(results.sentence).toMatch(
      /^Privileged information helped: at T = .*, chosen on validation, accuracy is .* Best on test, as papers/,
    );
    expect(renderProgram(results, text)).toContain('imitation weight λ');
  });

  it('comes to the same weights when it is stopped again and again', async () => {
    const [once, stopped] = [folder(), folder()];
    const short = {
      ...recipe,
      program: { kind: 'privileged', temperatures: [2], imitation: [1] },
      seeds: 1,
      training: { ...training, epochs: 6 },
    };
    await startProgram(short, { directory: once });
    expect(await interruptedProgram(short, stopped, 2)).toBeGreaterThan(2);
    const what = /(weights\.safetensors|metrics\.jsonl|remembered.*\.json)$/;
    const bytes = bytesUnder(once, what);
    expect(Object.keys(bytes)).toHaveLength(5);
    expect(bytesUnder(stopped, what)).toEqual(bytes);
  });

  it('draws and divides data anew for every seed, or keeps them', () => {
    const { recipe: whole } = parsePlan(recipe);
    const seeds = [1, 2].map((seed) => recipeOf(whole, seed, options()).data as unknown as Record<string, number>);
    expect(seeds.map((d) => [d.seed, d.splitSeed])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(recipeOf(whole, 2, options({ draws: 'one' })).data).toEqual(whole.data);
    expect(recipeOf(whole, 2, options()).seeds).toEqual([2]);
  });

  it('mixes task and soft targets by λ, with the temperature on both sides or on that of the teacher alone', async () => {
    const task = taskOf((await load(recipe.data)).train);
    const at = { temperature: 20, imitation: 0.1 };
    expect(objectiveOf(at, 'both', task)).toMatchObject({
      losses: [
        { kind: 'kd', temperature: 20, weight: 0.1 },
        { kind: 'labels', weight: 0.9 },
      ],
    });
    const alone = objectiveOf(at, 'teacher', task);
    expect(alone.losses).toMatchObject([
      { kind: 'kd', temperature: 1 },
      { kind: 'labels', weight: 0.9 },
    ]);
    expect(alone.losses[0]!.weight).toBeCloseTo(0.1 * 20 ** 2, 10);
    expect(alone.repairs).toEqual([{ repair: 'temper', temperature: 20 }]);
    expect(objectiveOf({ temperature: 3, imitation: 1 }, 'teacher', task).losses).toHaveLength(1);
  });

  it('says so where nothing is gained, and chooses on validation even where test knows better', () => {
    const measured = (validation: number, test: number) => ({ validation: { accuracy: validation }, test: { accuracy: test } });
    const seed = (shift: number) => ({
      teacher: measured(0.95, 0.95),
      regular: measured(0.8, 0.8 + shift),
      taught: [measured(0.81, 0.7), measured(0.82, 0.75 - shift), measured(0.82, 0.9), measured(0.7, 0.79)],
    });
    const found = findings({ name: 'accuracy', higherIsBetter: true }, [seed(0), seed(0.01)], options());
    expect(found.sentence).toMatch(
      /^Privileged information did not help: at T = 1, λ = 1, chosen on validation, accuracy is 74\.50 %/,
    );
    expect(found.sentence).toMatch(/Best on test, as papers report it: 90\.00 % at T = 4, λ = 0\.5\.$/);
    expect(found.tables[1]!.rows.map((r) => r.cells.map(mean))).toEqual([
      [0.7, 0.745],
      [0.9, 0.79],
    ]);
  });

  it('refuses recipes that it cannot sweep', async () => {
    const { teacher: _, ...alone } = recipe;
    expect(() => parsePlan(alone)).toThrow(/teacher: missing; expected one that sees more/);
    expect(() => parsePlan({ ...recipe, losses: [{ kind: 'labels' }] })).toThrow(/losses: found losses; expected none/);
    expect(() => parsePlan({ ...recipe, program: { kind: 'privileged', imitation: [0] } })).toThrow(/program\.imitation\.0/);
    const unchecked = { ...recipe, data: { ...recipe.data, validation: 0 } };
    await expect(startProgram(unchecked)).rejects.toThrow(/data\.validation: found no validation split; expected one to choose/);
    const values = {
      ...recipe,
      data: { kind: 'friedman', size: 200 },
      teacher: { ...recipe.teacher, preprocess: {} },
      student: { model: { kind: 'mlp' } },
    };
    await expect(startProgram(values)).rejects.toThrow(/program\.temperatures: found 2 for data with .*; expected one/);
  });
});
