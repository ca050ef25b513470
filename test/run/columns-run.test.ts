import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModel } from '../../src/onnx/decode.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { evaluateFile } from '../../src/run/evaluate-file.ts';
import { scoreTeacher } from '../../src/run/score-teacher.ts';
import { placeForRuns } from '../support/runs.ts';

const { folder, start, engine } = placeForRuns('columns');
const recipe = (student: object = {}) => ({
  name: 'columns',
  data: { kind: 'privileged', experiment: 'relevant-features', features: 8, size: 256, testSize: 512 },
  teacher: {
    kind: 'train',
    model: { kind: 'mlp', hidden: [] },
    preprocess: { columns: ['privileged*'] },
    training: { epochs: 8, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.05 } },
  },
  student: { model: { kind: 'mlp', hidden: [8] }, preprocess: { columns: ['x*'] }, ...student },
  training: { epochs: 4, batchSize: 32, optimizer: { kind: 'adam', learningRate: 0.02 } },
});

it('delivers a student of its own columns, which says which, and takes them again to be measured and to teach', async () => {
  const directory = folder();
  const { results } = await start(recipe(), { directory });
  expect(results.teacher!.metrics.accuracy!.mean).toBeGreaterThan(0.9);
  expect(results.teacher!.cost.parameters).toBe(2 * (3 + 1));
  expect(results.distilled.cost.parameters).toBe(8 * (8 + 1) + 2 * (8 + 1));
  expect(results.scratch!.cost.parameters).toBe(results.distilled.cost.parameters);
  expect(results.parity.maxAbsError).toBeLessThan(1e-5);
  expect(results.parity.examples).toBe(512);

  const file = join(directory, 'student/onnx/model.onnx');
  const { graph, metadata } = readModel(readFileSync(file));
  expect(graph.inputs.map(({ name, shape }) => [name, shape])).toEqual([['features', ['batch', 8]]]);
  const names = Array.from({ length: 8 }, (_, j) => `x${j}`);
  expect(JSON.parse(metadata.columns!)).toEqual(names);
  const config = JSON.parse(readFileSync(join(directory, 'student/config.json'), 'utf8'));
  expect(config.features.columns.map((c: { name: string }) => c.name)).toEqual(names);
  expect(config.potstill.input).toEqual([8]);
  expect(readFileSync(join(directory, 'student/README.md'), 'utf8')).toContain('rows of 8 numbers');

  const again = await evaluateFile(file, parseRecipe(recipe()), { runtime: engine() });
  expect(again.input).toBe('its 8 columns alone');
  expect(again.metrics.accuracy).toBeCloseTo(results.distilled.metrics.accuracy!.mean, 12);

  for (const teacher of [
    { kind: 'run', run: directory },
    { kind: 'onnx', model: file, preprocess: { columns: ['x*'] } },
  ]) {
    const taught = await scoreTeacher(parseRecipe({ ...recipe(), teacher }), { runtime: engine() });
    expect(taught.metrics.accuracy).toBeCloseTo(results.distilled.metrics.accuracy!.mean, 12);
  }
});

it('names columns that are not there, and the nearest ones', async () => {
  await expect(start(recipe({ preprocess: { columns: ['y0'] } }))).rejects.toThrow(
    /preprocess\.columns\[0\]: 'y0', which is none of the 11 columns; expected names or patterns.*'x0'/,
  );
});
