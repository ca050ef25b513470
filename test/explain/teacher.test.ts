import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/explain/knowledge.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { type ExplainTeacherOptions, explainTeacher } from '../../src/run/explain-teacher.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { runRecipe } from '../../src/run/run.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Runtime } from '../../src/runtime/port.ts';
import { potstill } from '../cli/stand-in.ts';
import { quick } from '../support/runs.ts';

const recipe = {
  name: 'glyphs',
  data: { kind: 'glyphs', classes: 3, size: 300, pixels: 12 },
  teacher: { kind: 'train', model: { kind: 'mlp', hidden: [16] }, training: { epochs: 2, batchSize: 32 } },
  student: { model: { kind: 'mlp', hidden: [4] } },
  training: { epochs: 1, batchSize: 32 },
  controls: { scratch: false },
};

const root = mkdtempSync(join(tmpdir(), 'potstill-explain-'));
const run = join(root, 'run');
let runtime: Runtime;
let record: RunRecord;
beforeAll(async () => {
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  runtime = ortNode({ threads: 1 });
  record = await runRecipe(parseRecipe(recipe), { directory: run, runtime, milliseconds: quick });
}, 60_000);
afterAll(async () => {
  await runtime.close();
  rmSync(root, { recursive: true, force: true });
});

const explained = (input: object = recipe, options: Partial<ExplainTeacherOptions> = {}): Promise<Explanation> =>
  explainTeacher(parseRecipe(input), { runtime, run, ...options });

describe('the teacher of a run', () => {
  it('is the one that the run measured', async () => {
    const { accuracy, ece, knowledge, curriculum } = await explained(recipe, { split: 'test' });
    const { teacher, data } = record.results;
    expect(accuracy).toBeCloseTo(teacher!.metrics.accuracy!.mean, 6);
    expect(ece).toBeCloseTo(teacher!.metrics.ece!.mean, 5);
    expect(knowledge.examples).toBe(data.test);
    expect([...curriculum].sort((a, b) => a - b)).toEqual(Array.from({ length: data.test }, (_, i) => i));
  });

  it('is told of in the details of the run', async () => {
    const { knowledge } = await explained(recipe, { split: 'test', examples: 6 });
    expect(record.details.knowledge!.neighbours.classes.map(({ count }) => count)).toEqual(
      knowledge.neighbours.classes.map(({ count }) => count),
    );
    expect(record.details.knowledge!.hardest[0]!.picture).toMatch(/^data:image\/png/);
  });

  it('is asked about the train split unless told, or about some of it, evenly spread', async () => {
    const asked: unknown[] = [];
    const { size, knowledge, curriculum } = await explained(recipe, {
      limit: 10,
      examples: 2,
      onAsk: (what) => asked.push(what),
    });
    expect(asked).toEqual([{ teacher: 'mlp-16', split: 'train', examples: 10 }]);
    expect(size).toBe(record.results.data.train);
    expect([...curriculum].sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => Math.floor((i * size) / 10)));
    expect(knowledge.ambiguous).toHaveLength(2);
    for (const { index } of knowledge.ambiguous) expect(curriculum).toContain(index);
  });
});

describe('what cannot be explained is said', () => {
  it.each([
    ['no teacher', { ...recipe, teacher: undefined, losses: [{ kind: 'labels' }] }, {}, /^teacher: found none in the recipe/],
    [
      'regression',
      { ...recipe, data: { kind: 'friedman', size: 60 } },
      {},
      /^data: found values to predict \(.+\); expected a class for each example/,
    ],
    ['no run', recipe, { run: undefined }, /^teacher: found one that a run trains .*`potstill run`/],
    ['another seed', { ...recipe, seeds: [9] }, {}, /teacher-9\/done: no such folder; expected the weights of the teacher/],
    [
      'no validation',
      { ...recipe, data: { ...recipe.data, validation: 0 } },
      { split: 'validation' },
      /^--split: found no validation/,
    ],
  ] as const)('%s', async (_, input, options, message) => {
    await expect(explained(input, options as Partial<ExplainTeacherOptions>)).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      fault: 'user',
    });
  });
});

describe('potstill explain', () => {
  it('writes both files beside the run and prints a line for each class', async () => {
    const { code, stdout, stderr } = await potstill(['explain', run, '--split', 'test', '--threads', '1']);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Asking mlp-16 about \d+ test examples/) });
    for (const name of ['A', 'B', 'C']) expect(stdout).toMatch(new RegExp(`^${name} +\\d+ +[A-C] \\([\\d.]+ %\\)`, 'm'));
    const whole = JSON.parse(readFileSync(`${run}-explained/explain.json`, 'utf8')) as Explanation;
    expect(stdout).toContain(`Start with T = ${whole.knowledge.advice.start};`);
    expect(existsSync(`${run}-explained/explain.html`)).toBe(true);
  });

  it('prints the numbers alone for programs, and writes where it is told', async () => {
    const out = join(root, 'elsewhere');
    const { stdout } = await potstill(['explain', run, '--json', '--limit', '20', '--out', out, '--threads', '1']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(out, 'explain.json'), 'utf8')));
  });

  it('takes a temperature with a fraction, and none that is not above zero', async () => {
    const { stdout } = await potstill(['explain', run, '--temperature', '2.5', '--limit', '20', '--threads', '1']);
    expect(stdout).toContain('looks like, at T = 2.5');
    expect(await potstill(['explain', run, '--temperature', '0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--temperature: found '0'; expected a number above 0"),
    });
  });

  it('wants a finished run or a recipe', async () => {
    expect(await potstill(['explain', root])).toMatchObject({ code: 2, stderr: expect.stringContaining('results.json') });
    const path = join(root, 'recipe.json');
    writeFileSync(path, JSON.stringify(recipe));
    expect(await potstill(['explain', path])).toMatchObject({ code: 2, stderr: expect.stringContaining('potstill run') });
  });
});
