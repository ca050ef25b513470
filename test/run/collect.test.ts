import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openData } from '../../src/data/sources.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { type CollectOptions, collect } from '../../src/run/collect.ts';
import { ask } from '../../src/run/evaluate.ts';
import { readStatistics } from '../../src/run/statistics-file.ts';
import { openFinishedTeacher } from '../../src/run/teachers/finished.ts';
import type { Metadata } from '../../src/synthesis/metadata/metadata.ts';
import { potstill } from '../cli/stand-in.ts';
import { placeForRuns } from '../support/runs.ts';

const recipe = {
  name: 'glyphs',
  data: { kind: 'glyphs', classes: 3, size: 300, pixels: 12 },
  teacher: { kind: 'train', model: { kind: 'mlp', hidden: [16, 6] }, training: { epochs: 1, batchSize: 32 } },
  student: { model: { kind: 'mlp', hidden: [4] } },
  training: { epochs: 1, batchSize: 32 },
  controls: { scratch: false },
};
const place = placeForRuns('collect');
const run = place.folder();
beforeAll(async () => {
  await place.start(recipe, { directory: run });
}, 60_000);

const collected = (options: Partial<CollectOptions> = {}, input: object = recipe): Promise<Metadata> =>
  collect(parseRecipe(input), { runtime: place.engine(), run, ...options });

describe('collecting', () => {
  it('records hidden layers, embedding and logits of the train split', async () => {
    const asked: unknown[] = [];
    const found = await collected({ onAsk: ({ layers, ...what }) => asked.push({ ...what, taps: layers.map((l) => l.tap) }) });
    const { train } = await openData(parseRecipe(recipe).data, { folder: '.' });
    const taps = ['hidden.0', 'hidden.1', 'embedding', 'logits'];
    expect(asked).toEqual([{ teacher: 'mlp-16-6', examples: train.size, taps }]);
    expect(found.layers.map((l) => [l.tap, l.shape, l.nonNegative, l.all.count, l.byClass.length])).toEqual([
      ['hidden.0', [16], true, train.size, 0],
      ['hidden.1', [6], true, train.size, 0],
      ['embedding', [6], true, train.size, 0],
      ['logits', [3], false, train.size, 0],
    ]);
    expect(found).toMatchObject({ classes: [], classesFrom: null, leftOut: 0, pairs: [] });
    expect(found.layers.every((l) => l.all.covariance !== null)).toBe(true);
  });

  it('gives the moments of what the teacher gives', async () => {
    const { layers, classesFrom, classes } = await collected({ layers: ['logits'], perClass: true });
    const splits = await openData(parseRecipe(recipe).data, { folder: '.' });
    const of = { runtime: place.engine(), folder: '.', run };
    const teacher = (await openFinishedTeacher(parseRecipe(recipe), splits, of))!;
    const logits = await ask(place.engine(), teacher.bytes, splits.train, teacher);
    const mean = (rows: readonly number[], c: number): number =>
      rows.reduce((sum, row) => sum + logits.data[row * 3 + c]!, 0) / rows.length;
    const all = Array.from({ length: splits.train.size }, (_, i) => i);
    expect(layers).toHaveLength(1);
    expect([classes, classesFrom]).toEqual([splits.train.classes, 'labels']);
    for (let c = 0; c < 3; c++) {
      const own = all.filter((i) => splits.train.label(i) === 1);
      expect(layers[0]!.byClass[1]!.count).toBe(own.length);
      expect(layers[0]!.all.mean[c]).toBeCloseTo(mean(all, c), 4);
      expect(layers[0]!.byClass[1]!.mean[c]).toBeCloseTo(mean(own, c), 4);
    }
  });

  it('takes layers by pattern and pairs of neighbours that are small enough', async () => {
    const { layers, pairs } = await collected({ layers: ['hidden.*', 'logits'], pairs: true, covarianceUpTo: 16 });
    expect(layers.map(({ tap, all }) => [tap, all.covariance !== null])).toEqual([
      ['hidden.0', true],
      ['hidden.1', true],
      ['logits', true],
    ]);
    expect(pairs.map(({ taps, all }) => [taps, all.mean.length])).toEqual([[['hidden.1', 'logits'], 9]]);
  });

  it.each([
    ['no such layer', { layers: ['hiden.0'] }, recipe, /--layers: mlp-16-6 has no layer 'hiden\.0'; .* such as hidden\.0/],
    ['one example', { atLeast: 1 }, recipe, /--at-least: found 1; expected at least 2/],
    ['too few', { atLeast: 10_000 }, recipe, /found \d+ examples; expected at least 10000/],
    ['no teacher', {}, { ...recipe, teacher: undefined, losses: [{ kind: 'labels' }] }, /^teacher: found none in the recipe/],
    [
      'no classes',
      { perClass: true },
      { ...recipe, data: { kind: 'friedman', size: 60 } },
      /^--per-class: found data with values/,
    ],
  ])('says of %s', async (_, options, input, message) => {
    await expect(collected(options, input)).rejects.toThrow(message);
  });
});

describe('potstill collect', () => {
  const out = join(place.root, 'statistics.safetensors');
  it('writes a file of the teacher of a run, and does not write over it', async () => {
    const line = ['collect', run, '--out', out, '--per-class', '--pairs', '--at-least', '10'];
    const { code, stdout, stderr } = await potstill(line);
    expect(stderr).toMatch(/Asking mlp-16-6 about \d+ train examples: hidden\.0, hidden\.1, embedding, logits …/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/classes from the labels\n/);
    expect(stdout).toMatch(/hidden\.0 and hidden\.1 +22 +yes +3\n/);
    expect(stdout).toMatch(/File {6}.*statistics\.safetensors \(.*\)/);
    expect(await readStatistics(out)).toEqual(await collected({ perClass: true, pairs: true, atLeast: 10 }));
    const before = readFileSync(out);
    const again = await potstill(line);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toMatch(/statistics\.safetensors: it exists; expected a new file/);
    expect(readFileSync(out)).toEqual(before);
    expect((await potstill(['collect', run, '--out', out, '--top-only', '--force'])).code).toBe(0);
    expect((await readStatistics(out)).layers.map(({ tap }) => tap)).toEqual(['logits']);
  });

  it('needs a run for a teacher that a run trains', async () => {
    const path = join(place.root, 'recipe.json');
    writeFileSync(path, JSON.stringify(recipe));
    const { code, stderr } = await potstill(['collect', path, '-o', join(place.root, 'none')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/found one that a run trains/);
    expect((await potstill(['collect', run, '--top-only', '--layers', 'logits', '-o', join(place.root, 'none')])).code).toBe(2);
  });
});
