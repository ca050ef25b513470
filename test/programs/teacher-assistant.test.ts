import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import { modelsBetween } from '../../src/programs/teacher-assistant/between.ts';
import { type Path, searches } from '../../src/programs/teacher-assistant/search.ts';
import { validationScores } from '../../src/programs/validation.ts';
import { studentModel } from '../../src/recipe/recipe.ts';
import { readRecord } from '../../src/run/read-record.ts';
import type { Spread } from '../../src/run/record.ts';
import { bytesUnder, placeForRuns } from '../support/runs.ts';

/** A search over scores that are a function of the path. */
async function search(strategy: keyof typeof searches, assistants: number, budget: number, score: (path: Path) => number) {
  const trained: string[] = [];
  const found = await searches[strategy]({
    assistants,
    budget,
    train: async (path) => {
      trained.push(path.join());
      return score(path);
    },
  });
  return { ...found, trained };
}
/** A score of its own for every path. */
const scoreBy = (seed: number) => (path: Path) => Math.abs(Math.sin(seed + path.reduce((s, i) => 7.3 * s + i + 1, 0)));

describe('the search for a chain', () => {
  const anySearch = fc.record({
    strategy: fc.constantFrom('dynamic' as const, 'greedy' as const),
    assistants: fc.integer({ min: 1, max: 6 }),
    budget: fc.integer({ min: 1, max: 30 }),
    seed: fc.integer({ min: 0, max: 1000 }),
  });

  it('never trains more than the budget, nothing twice, and no model before its teacher', async () => {
    await fc.assert(
      fc.asyncProperty(anySearch, async ({ strategy, assistants, budget, seed }) => {
        const { trained, trainings } = await search(strategy, assistants, budget, scoreBy(seed));
        expect(trained.length).toBeLessThanOrEqual(budget);
        expect(trainings).toBe(trained.length);
        expect(new Set(trained).size).toBe(trained.length);
        trained.forEach((path, i) => {
          const before = path.split(',').slice(0, -1).join();
          if (before !== '') expect(trained.slice(0, i)).toContain(before);
        });
      }),
    );
  });

  it('chooses the best of the chains that it tried, which get smaller and end with the student; direct is always one', async () => {
    await fc.assert(
      fc.asyncProperty(anySearch, async ({ strategy, assistants, budget, seed }) => {
        const score = scoreBy(seed);
        const { path, tried } = await search(strategy, assistants, budget, score);
        expect(score(path)).toBe(Math.max(...tried.map((t) => t.score)));
        expect(tried.map((t) => t.path.join())).toContain(String(assistants));
        for (const t of tried) {
          expect(t.path.at(-1)).toBe(assistants);
          expect([...t.path].sort((a, b) => a - b)).toEqual(t.path);
          expect(t.score).toBe(score(t.path));
        }
      }),
    );
  });

  it('takes every size from every larger one where the budget reaches, fewer sizes where it does not', async () => {
    // The best teacher of a size is the next larger: the whole chain is found.
    const near = (path: Path): number => path.reduce((s, i, at) => s - 10 * (i - (path[at - 1] ?? -1)) ** 2, 0);
    expect(await search('dynamic', 3, 10, near)).toMatchObject({ path: [0, 1, 2, 3], trainings: 10 });
    expect(await search('dynamic', 3, 9, near)).toMatchObject({ path: [0, 2, 3], trainings: 6 });
    expect(await search('dynamic', 3, 5, near)).toMatchObject({ path: [1, 3], trainings: 3 });
    expect(await search('dynamic', 3, 2, near)).toMatchObject({ path: [3], trainings: 1 });
    expect((await search('greedy', 3, 30, near)).path).toEqual([0, 1, 2, 3]);
    // The shorter chain where both are as good.
    expect((await search('dynamic', 2, 6, () => 1)).path).toEqual([2]);
    expect((await search('greedy', 2, 6, () => 1)).path).toEqual([2]);
  });
});

describe('models between two', () => {
  const model = (options: object) => studentModel.parse(options);

  it('are evenly spaced on a logarithmic scale, the largest first', () => {
    const found = modelsBetween(model({ kind: 'mlp', hidden: [256, 81] }), model({ kind: 'mlp', hidden: [16, 1] }), 3);
    expect(found!.map((m) => (m as { hidden: number[] }).hidden)).toEqual([
      [128, 27],
      [64, 9],
      [32, 3],
    ]);
  });

  it('are none where more than numbers differ, or a number between is not allowed', () => {
    const mlp = model({ kind: 'mlp', hidden: [8, 8] });
    expect(modelsBetween(mlp, model({ kind: 'mlp', hidden: [8] }), 1)).toBeNull();
    expect(modelsBetween(mlp, model({ kind: 'lenet5' }), 1)).toBeNull();
    expect(modelsBetween(mlp, model({ kind: 'mlp', hidden: [2, 2], norm: 'batch' }), 1)).toBeNull();
    expect(modelsBetween(model({ kind: 'resnet', depth: 32 }), model({ kind: 'resnet', depth: 8 }), 2)).toBeNull();
  });
});

const mlp = (...hidden: number[]) => ({ kind: 'mlp', hidden });
const recipe = {
  name: 'assistants',
  program: { kind: 'teacher-assistant', assistants: [mlp(16)] } as object,
  data: { kind: 'spirals', size: 400 },
  teacher: {
    kind: 'train',
    model: mlp(32, 32),
    training: { epochs: 5, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.02 } },
  },
  student: { model: mlp(4) },
  training: { epochs: 2, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.02 } },
  seeds: 2,
  export: { int8: false },
};
const { folder, startProgram, interruptedProgram } = placeForRuns('teacher-assistant');

describe('teacher-assistant', () => {
  it('teaches down the chain, and measures everybody against the first teacher', async () => {
    const directory = folder();
    const { results } = await startProgram(recipe, { directory });
    expect(results.parts.map((p) => p.name)).toEqual([
      'teacher',
      ...[1, 2].flatMap((s) => ['student', 'assistant-1', 'assistant-1-student'].map((part) => `seed-${s}/${part}`)),
    ]);
    const student = readFileSync(join(directory, 'parts/seed-2/assistant-1-student/recipe.yaml'), 'utf8');
    expect(student).toMatch(/teacher:\n {2}kind: run\n {2}run: .*seed-2\/assistant-1\n/);
    const [table] = results.tables;
    expect(table!.rows.map((r) => r.name)).toEqual([
      'teacher',
      'assistant 1, mlp-16',
      'student from scratch',
      'student, direct',
      'student, by an assistant',
    ]);
    const at = (title: string): number => table!.columns.findIndex((c) => c.title === title);
    const teacher = table!.rows[0]!.cells[at('accuracy')] as number;
    for (const row of table!.rows.slice(1)) {
      expect((row.cells[at('gap')] as Spread).mean).toBeCloseTo(teacher - (row.cells[at('accuracy')] as Spread).mean, 12);
      expect((row.cells[at('agreement')] as Spread).perSeed).toHaveLength(2);
    }
    // Direct distillation is measured by its own run and again against the teacher: both must say the same.
    const direct = await readRecord(join(directory, 'parts/seed-1/student'));
    expect((table!.rows[3]!.cells[at('agreement')] as Spread).perSeed[0]).toBe(direct.results.distilled.metrics.agreement!.mean);
    // The student's own run knows its agreement with the assistant; the table has that with the teacher.
    const own = await readRecord(join(directory, 'parts/seed-1/assistant-1-student'));
    const remembered = JSON.parse(
      readFileSync(join(directory, 'remembered/seed-1-assistant-1-student-against-the-teacher.json'), 'utf8'),
    );
    expect(remembered.accuracy).toBe(own.results.distilled.metrics.accuracy!.mean);
    expect(remembered.klToTeacher).not.toBe(own.results.distilled.metrics.klToTeacher!.mean);
  });

  it('searches within the budget, by validation alone, and comes to the same when it is stopped', async () => {
    const [once, stopped] = [folder(), folder()];
    const short = {
      ...recipe,
      program: { kind: 'teacher-assistant', search: { sizes: [mlp(6), mlp(16)], budget: 6 } },
      seeds: 1,
    };
    const { results } = await startProgram(short, { directory: once });
    // The larger size comes first, however they were listed.
    expect(readFileSync(join(once, 'parts/seed-1/assistant-1/recipe.yaml'), 'utf8')).toMatch(/hidden:\n *- 16\n/);
    const searchTable = results.tables[1]!;
    expect(results.parts.filter((p) => p.name !== 'teacher')).toHaveLength(6);
    const names = ['student', 'assistant-1-student'];
    const scores = searchTable.rows.map((r) => r.cells[0] as number);
    for (const [i, name] of names.entries()) {
      expect(scores[i]).toBe(validationScores(await readRecord(join(once, 'parts/seed-1', name)))[0]);
    }
    expect(searchTable.rows[scores.indexOf(Math.max(...scores))]!.cells[2]).toBe('chosen');
    expect(await interruptedProgram(short, stopped, 4)).toBeGreaterThan(2);
    const what = /(weights\.safetensors|model\.onnx|metrics\.jsonl|remembered.*\.json)$/;
    expect(bytesUnder(stopped, what)).toEqual(bytesUnder(once, what));
    expect(existsSync(join(stopped, 'results.json'))).toBe(true);
  });

  it('cannot search without a validation split', async () => {
    const blind = {
      ...recipe,
      program: { kind: 'teacher-assistant', search: { sizes: 1, budget: 3 } },
      data: { ...recipe.data, validation: 0 },
      teacher: { ...recipe.teacher, model: mlp(16) },
    };
    await expect(startProgram(blind)).rejects.toThrow(/data\.validation: found no validation split/);
  });

  it('refuses what is no chain', () => {
    const plan =
      (program: object, rest: object = {}) =>
      () =>
        parsePlan({ ...recipe, ...rest, program: { kind: 'teacher-assistant', ...program } });
    expect(plan({})).toThrow(/program: found neither assistants nor search/);
    expect(plan({ assistants: [mlp(8)], search: { sizes: [mlp(8)] } })).toThrow(/program: found assistants and search/);
    expect(plan({ search: { sizes: 2 } })).toThrow(/program\.search\.sizes: found 2; expected a list of models/);
    expect(plan({ assistants: [] })).toThrow(/program\.assistants/);
    expect(plan({ assistants: [mlp(8)] }, { teacher: undefined })).toThrow(/teacher: found none/);
  });
});
