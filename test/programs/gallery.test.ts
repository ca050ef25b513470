import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { type Dataset, floatDataset, plainVector } from '../../src/data/dataset.ts';
import { writeReport } from '../../src/distill.ts';
import { openFolder } from '../../src/programs/folder.ts';
import { type Album, type Judged, rowAcross, rowOf, rowsByClass } from '../../src/programs/gallery.ts';
import { picturesOf } from '../../src/programs/pictures.ts';
import type { Shown } from '../../src/programs/record.ts';
import { toJson } from '../../src/run/files.ts';
import { madeUp } from '../report/program-record.ts';

const root = mkdtempSync(join(tmpdir(), 'potstill-gallery-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Keeps pictures in memory. */
function album(): Album & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    keepPicture: async (name, png) => {
      kept.set(name, png);
      return `gallery/${name}.png`;
    },
  };
}

/** Grey pictures of 3 × 2: the first pixel tells the index, in steps of 10, the rest is black. */
const flags = (size: number): Dataset =>
  floatDataset({
    name: 'flags',
    example: { layout: 'image', shape: [1, 2, 3] },
    values: Float32Array.from({ length: size * 6 }, (_, i) => (i % 6 === 0 ? ((i / 6) * 10) / 255 : 0)),
  });

/** The teacher says `class`, the surer the larger the logit. */
const judged = (said: readonly (readonly [classIndex: number, logit: number])[], dataset = flags(said.length)): Judged => ({
  dataset,
  classes: ['zero', 'one', 'two'],
  logits: {
    data: Float32Array.from(said.flatMap(([k, logit]) => [0, 1, 2].map((j) => (j === k ? logit : 0)))),
    rows: said.length,
    width: 3,
  },
});

const five = judged([
  [1, 2],
  [0, 1],
  [1, 9],
  [1, 4],
  [0, 3],
]);
const typical = { each: 2, by: 'typical', seed: 1 } as const;

/** The first pixel of each picture of a sheet, as the index that it tells. */
async function told(png: Uint8Array, width: number): Promise<number[]> {
  const { data, info } = await sharp(png).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  expect((await sharp(png).metadata()).channels).toBe(1);
  expect([info.channels, info.height]).toEqual([1, 2]);
  return Array.from({ length: info.width / width }, (_, t) => data[t * width]! / 10);
}

const captionsOf = (shown: Shown | null): readonly string[] => shown!.captions;

describe('rows by class', () => {
  it('show what the teacher is surest of, side by side, and classes without examples', async () => {
    const { kept, ...pages } = album();
    const rows = await rowsByClass(pages, 'made', five, typical);
    expect(rows.map(({ name }) => name)).toEqual(['zero', 'one', 'two']);
    expect(rows[0]!.shown).toEqual({
      kind: 'pictures',
      sheet: 'gallery/made/0.png',
      width: 3,
      height: 2,
      captions: ['91 %', '58 %'],
    });
    expect(rows[2]!.shown).toBeNull();
    expect([...kept.keys()]).toEqual(['made/0', 'made/1']);
    expect(await told(kept.get('made/0')!, 3)).toEqual([4, 1]);
    expect(await told(kept.get('made/1')!, 3)).toEqual([2, 3]);
  });

  it('draw at random with a seed, the same for the same one', async () => {
    const many = judged(Array.from({ length: 20 }, () => [1, 5] as const));
    const drawn = async (seed: number): Promise<number[]> => {
      const { kept, ...pages } = album();
      await rowsByClass(pages, 'made', many, { each: 6, by: 'random', seed });
      return told(kept.get('made/1')!, 3);
    };
    const first = await drawn(1);
    expect(new Set(first).size).toBe(6);
    expect(await drawn(1)).toEqual(first);
    expect(await drawn(2)).not.toEqual(first);
  });

  it('give the same bytes again', async () => {
    const [a, b] = [album(), album()];
    await rowsByClass(a, 'made', five, typical);
    await rowsByClass(b, 'made', five, typical);
    expect([...b.kept.values()].map((png) => Buffer.from(png).toString('hex'))).toEqual(
      [...a.kept.values()].map((png) => Buffer.from(png).toString('hex')),
    );
  });
});

describe('a row of a moment', () => {
  it('has all classes in their order', async () => {
    const { kept, ...pages } = album();
    const row = await rowAcross(pages, 'time/10', 'after round 10', five, { ...typical, each: 1 });
    expect([row.name, captionsOf(row.shown)]).toEqual(['after round 10', ['zero, 91 %', 'one, 100 %']]);
    expect(await told(kept.get('time/10')!, 3)).toEqual([4, 2]);
  });
});

describe('a row of examples', () => {
  const chosen = [
    { index: 1, caption: 'second' },
    { index: 0, caption: 'first' },
  ];
  it('is of colours where the data are', async () => {
    const { kept, ...pages } = album();
    const red = floatDataset({
      name: 'red',
      example: { layout: 'image', shape: [3, 1, 1] },
      values: Float32Array.from([1, 0, 0, 2, 0.5, -1]),
    });
    await rowOf(pages, 'red', 'red', red, chosen);
    const { data } = await sharp(kept.get('red')!).raw().toBuffer({ resolveWithObject: true });
    expect([...data]).toEqual([255, 128, 0, 255, 0, 0]);
  });

  it('is a table of values, as people know them, for vectors', async () => {
    const example = plainVector(['length', 'width']);
    const vectors = floatDataset({ name: 'v', example, values: Float32Array.from([0.1, 2, 3, 4]) });
    expect((await rowOf(album(), 'v', 'all', vectors, chosen)).shown).toEqual({
      kind: 'values',
      columns: ['length', 'width'],
      values: [
        [3, 4],
        [0.1, 2],
      ],
      captions: ['second', 'first'],
    });
  });

  it('is a list of texts for tokens, of ids where nothing is known of the text', async () => {
    const special = { pad: 0, unknown: null, first: null, separator: null, mask: null };
    const data = {
      name: 't',
      example: { layout: 'tokens', shape: [2, 2], text: { vocabulary: 9, special, files: {} } },
      values: Float32Array.from([5, 6, 1, 1, 7, 8, 1, 1]),
    } as const;
    const texts = async (set: Dataset): Promise<readonly string[]> => {
      const { shown } = await rowOf(album(), 't', 'all', set, chosen);
      return shown?.kind === 'texts' ? shown.texts : [];
    };
    expect(await texts(floatDataset({ ...data, row: (i) => ({ text: `text ${i}` }) }))).toEqual(['text 1', 'text 0']);
    expect(await texts(floatDataset(data))).toEqual(['7 8', '5 6']);
  });
});

describe('pictures of a program', () => {
  it('lie in its folder, are in its report and go with --force', async () => {
    const directory = join(root, 'program');
    const open = (force: boolean) => openFolder(directory, { recipe: 'name: made-up\n', resume: false, force });
    const folder = await open(false);
    const rows = await rowsByClass(folder, 'by-class', five, typical);
    const results = madeUp([{ title: 'By class', rows }]);
    await folder.write('results.json', toJson(results));
    expect(toJson(results).length).toBeLessThan(4000);
    const pictures = await picturesOf(directory, results);
    expect(Object.keys(pictures)).toEqual(['gallery/by-class/0.png', 'gallery/by-class/1.png']);
    const page = readFileSync(await writeReport(directory), 'utf8');
    for (const uri of Object.values(pictures)) expect(page).toContain(uri);
    await open(true);
    expect(existsSync(join(directory, 'gallery'))).toBe(false);
  });

  it('are read nowhere else', async () => {
    const directory = join(root, 'hostile');
    const folder = await openFolder(directory, { recipe: 'name: made-up\n', resume: false, force: false });
    await folder.keepPicture('own', Uint8Array.of(1));
    writeFileSync(join(root, 'secret.png'), 'secret');
    writeFileSync(join(directory, 'other.png'), 'other');
    const rows = [
      'gallery/own.png',
      'gallery/../other.png',
      'gallery/../../secret.png',
      join(root, 'secret.png'),
      'gallery/gone.png',
    ].map((sheet) => ({ name: sheet, shown: { kind: 'pictures', sheet, width: 1, height: 1, captions: [''] } as const }));
    expect(Object.keys(await picturesOf(directory, { galleries: [{ title: '', rows }] }))).toEqual(['gallery/own.png']);
  });
});
