import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onlyColumns } from '../../src/data/columns.ts';
import { dataSchema } from '../../src/data/sources.ts';
import { usualSpreads } from '../../src/data/statistics.ts';
import { sizeOf } from '../../src/graph/type.ts';
import { sizesOf } from '../../src/models/build.ts';
import { spreadsOf, standardised } from '../../src/programs/data-free/spreads.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { deliver } from '../../src/run/deliver.ts';
import { viewInputs } from '../../src/run/evaluate.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { inputOf } from '../../src/run/input.ts';
import { timing } from '../../src/run/measure.ts';
import { taskOf } from '../../src/run/tasks/of.ts';
import { openFinishedTeacher } from '../../src/run/teachers/finished.ts';
import { openWorkplace, validator } from '../../src/run/workplace.ts';
import { placeForRuns } from '../support/runs.ts';
import { failure, folderWith, load } from './fixture.ts';

const place = placeForRuns('none');
const pictures = { kind: 'none', shape: [1, 28, 28], classes: 10 };

describe('data without examples', () => {
  it('knows what an example is, and holds none in any split', async () => {
    const { train, validation, test, name, notes } = await load(pictures);
    for (const set of [train, validation, test]) {
      expect(set.size).toBe(0);
      expect(set.example).toEqual({ layout: 'image', shape: [1, 28, 28] });
      expect(set.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    }
    expect([name, notes, train.spreads]).toEqual(['no data', [], undefined]);
  });

  it('has named classes, columns and values, and says how numbers are spread', async () => {
    const { train } = await load({ kind: 'none', shape: [2], columns: ['a', 'b'], values: ['y'], mean: [3, 4], std: 2 });
    expect(train.example).toMatchObject({ layout: 'vector', shape: [2], columns: [{ name: 'a' }, { name: 'b' }] });
    expect(train.targets).toEqual([{ name: 'y', mean: 0, std: 1 }]);
    expect(train.spreads).toEqual({ mean: [3, 4], std: [2, 2] });
    expect((await load({ ...pictures, classes: ['cat', 'dog'] })).test.classes).toEqual(['cat', 'dog']);
    expect(taskOf((await load({ kind: 'none', shape: [2] })).train).name).toBe('embedding');
  });

  it('takes some of the classes', async () => {
    expect((await load({ ...pictures, only: [7, 1] })).train.classes).toEqual(['7', '1']);
  });

  it.each([
    [{ kind: 'none' }, 'neither `shape` nor `tokenizer`'],
    [{ kind: 'none', shape: [3], tokenizer: 'x', length: 4 }, 'tokenizer'],
    [{ kind: 'none', tokenizer: 'x' }, '`tokenizer`'],
    [{ kind: 'none', shape: [1 << 15, 1 << 15, 1 << 15] }, 'data.shape'],
    [{ ...pictures, values: ['y'] }, 'both `classes` and `values`'],
    [{ ...pictures, classes: ['a', 'a'] }, "'a' twice"],
    [{ ...pictures, columns: ['a'] }, 'data.columns'],
    [{ kind: 'none', shape: [3], columns: ['a', 'b'] }, '2 names'],
    [{ ...pictures, mean: 0.5 }, 'data.std'],
    [{ ...pictures, mean: [0.5, 0.5], std: 0.1 }, '2 numbers'],
    [{ ...pictures, mean: 128, std: 64 }, 'divide'],
    [{ ...pictures, validation: 0.2 }, 'data.validation'],
    [{ ...pictures, limit: 10 }, 'data.limit'],
    [{ ...pictures, perClass: 1 }, 'data.perClass'],
    [{ kind: 'none', tokenizer: 'missing', length: 8 }, 'missing'],
  ])('refuses %j', async (options, says) => {
    expect((await failure(load(options))).message).toContain(says);
  });

  it.each([
    [{ shape: [28, 28] }],
    [{ shape: [0] }],
    [{ shape: [1.5] }],
    [{ shape: [1e30] }],
    [{ ...pictures, classes: 1 }],
    [{ ...pictures, classes: 1e12 }],
    [{ ...pictures, std: 0 }],
    [{ ...pictures, more: 1 }],
  ])('has no such options as %j', (options) => {
    expect(dataSchema.safeParse({ kind: 'none', ...options }).success).toBe(false);
  });

  it('does not make files without examples welcome', async () => {
    const folder = folderWith({ 'a.csv': 'a,y\n1,0\n' });
    expect((await failure(load({ kind: 'csv', path: 'a.csv', label: 'y', validation: 0 }, folder))).message).toBeTruthy();
  });
});

const recipe = (more: object = {}) =>
  parseRecipe({
    data: { ...pictures, shape: [3, 8, 8] },
    student: { model: { kind: 'mlp', hidden: [4] } },
    ...more,
  });
const onnx = (preprocess: object = {}) => recipe({ teacher: { kind: 'onnx', model: 'teacher.onnx', preprocess } });

describe('how numbers are spread without a look at data', () => {
  const spreads = async (preprocess: object, data: object = {}) =>
    spreadsOf(onnx(preprocess), await load({ ...pictures, shape: [3, 8, 8], ...data }));

  it('is what the source says', async () => {
    expect(await spreads({ mean: 0.1, std: 0.2 }, { mean: 0.3, std: 0.4 })).toEqual({
      mean: [0.3, 0.3, 0.3],
      std: [0.4, 0.4, 0.4],
    });
  });

  it("is else the teacher's preprocessing on the scale of the data, in the order of its channels", async () => {
    const bytes = await spreads({ channels: 'bgr', scale: 255, mean: [51, 102, 153], std: [25.5, 51, 76.5] });
    expect(bytes.mean.map((v) => v.toFixed(6))).toEqual(['0.600000', '0.400000', '0.200000']);
    expect(bytes.std.map((v) => v.toFixed(6))).toEqual(['0.300000', '0.200000', '0.100000']);
    expect(await spreads({ channels: 'grey', mean: 0.4, std: 0.3 })).toEqual({ mean: [0.4, 0.4, 0.4], std: [0.3, 0.3, 0.3] });
    const one = await spreads({ channels: 'repeat', mean: [0.2, 0.4, 0.6], std: 0.3 }, { shape: [1, 8, 8] });
    expect(one.mean[0]).toBeCloseTo(0.4);
    expect(one.std).toHaveLength(1);
  });

  it('is the usual where nobody says anything', async () => {
    expect(await spreads({})).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    // Bytes less a mean, as Caffe had it, say nothing of a deviation.
    expect((await spreads({ scale: 255, mean: 127.5 })).std).toEqual([0.25, 0.25, 0.25]);
    const vectors = await load({ kind: 'none', shape: [3], columns: ['a', 'b', 'c'], classes: 2 });
    expect(await spreadsOf(recipe(), vectors)).toEqual({ mean: [0, 0, 0], std: [1, 1, 1] });
    expect(await spreadsOf(onnx({ columns: ['c', 'a'], mean: [5, 6], std: [2, 3] }), vectors)).toEqual({
      mean: [5, 0, 6],
      std: [2, 1, 3],
    });
  });

  it('is never measured on the data, even where there is some', async () => {
    const glyphs = await load({ kind: 'glyphs', size: 60, validation: 0, test: 10 });
    expect(await spreadsOf(recipe(), glyphs)).toEqual(usualSpreads(glyphs.train.example));
    const seen = standardised(recipe(), await spreadsOf(recipe(), glyphs), glyphs.train.example);
    expect(seen.student.preprocess).toMatchObject({ mean: [0.5], std: [0.25] });
    const own = recipe({ student: { model: { kind: 'mlp' }, preprocess: { scale: 2 } } });
    expect(standardised(own, usualSpreads(glyphs.train.example), glyphs.train.example)).toEqual(own);
  });
});

describe('runs without examples', () => {
  it('are refused, with the program that would do', async () => {
    const directory = place.folder();
    await expect(place.start({ ...recipe(), seeds: 1 }, { directory })).rejects.toThrow(
      /data, train split: no examples.*data-free/s,
    );
    const born = { ...recipe(), seeds: 1, program: { kind: 'born-again' } };
    await expect(place.startProgram(born)).rejects.toThrow(/data-free/);
  });

  it('open where examples are made up, and the student is standardised all the same', async () => {
    const events: RunEvent[] = [];
    const options = { directory: place.folder(), runtime: place.engine(), emit: (e: RunEvent) => void events.push(e) };
    const workplace = await openWorkplace(recipe(), { ...options, withoutExamples: true });
    const { splits, shape, student, shared, task } = workplace;
    expect(shape).toEqual({ input: [3, 8, 8], outputs: 10 });
    expect(student.spec).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    expect(events[0]).toMatchObject({ type: 'start', data: { train: 0, validation: 0, test: 0 } });
    expect(validator(shared, splits.validation, null)).toBeNull();
    const nothing = { data: new Float32Array(0), rows: 0, width: 10 };
    expect(task.metrics(nothing, splits.test, nothing)).toEqual({});
    expect(task.describe(splits.test, { teacher: nothing, scratch: null, distilled: nothing }).telling()).toEqual([]);
  });

  it('train no teacher', async () => {
    const splits = await load({ ...pictures, shape: [3, 8, 8] });
    const taught = recipe({ teacher: { kind: 'train', model: { kind: 'mlp' } } });
    const open = openFinishedTeacher(taught, splits, { runtime: place.engine(), folder: '.', run: null });
    await expect(open).rejects.toThrow(/no examples to train it on.*kind: onnx/);
  });

  it('standardise the student, and a part of its columns, by what the source says', async () => {
    const { train } = await load({ ...pictures, mean: 0.1, std: 0.3 });
    expect(inputOf(undefined, train).spec).toMatchObject({ mean: [0.1], std: [0.3] });
    const table = await load({ kind: 'none', shape: [3], classes: 2, mean: [1, 2, 3], std: [4, 5, 6] });
    expect(inputOf(undefined, table.train).spec).toMatchObject({ mean: [1, 2, 3], std: [4, 5, 6] });
    expect(onlyColumns(table.train, [2, 0]).spreads).toEqual({ mean: [3, 1], std: [6, 4] });
  });

  it('are timed on zeros', async () => {
    const { test } = await load({ ...pictures, shape: [1, 2, 2] });
    expect(timing(test, viewInputs(test.example)).feeds(3)).toEqual({
      view: { dtype: 'float32', shape: [3, 1, 2, 2], data: new Float32Array(12) },
    });
  });

  it('deliver a student all the same', async () => {
    const { recipe: plain, ...options } = { recipe: recipe(), directory: place.folder(), runtime: place.engine() };
    const workplace = await openWorkplace(plain, { ...options, withoutExamples: true });
    const weights = Object.fromEntries(
      [...sizesOf(workplace.model, workplace.shape)].map(([name, shape]) => [
        name,
        { dtype: 'float32' as const, shape: shape as readonly number[], data: new Float32Array(sizeOf(shape)) },
      ]),
    );
    await deliver(workplace, weights, 'It was made of nothing.');
    expect(readFileSync(join(options.directory, 'student', 'README.md'), 'utf8')).toContain('It was made of nothing.');
  });
});
