import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../src/data/png.ts';
import { contents, failure, folderWith, load } from './fixture.ts';

type Colour = readonly [number, number, number];
const flat = (colour: Colour, size = 8) =>
  sharp({ create: { width: size, height: size, channels: 3, background: { r: colour[0], g: colour[1], b: colour[2] } } })
    .png()
    .toBuffer();
const red: Colour = [255, 0, 0];
const blue: Colour = [0, 0, 255];
const shade = ([r, g, b]: Colour, i: number): Colour => [Math.max(0, r - i), g, Math.max(0, b - i)];

/** n pictures of a class, each a little different. */
async function folder(prefix: string, colour: Colour, n: number): Promise<Record<string, Uint8Array>> {
  return Object.fromEntries(
    await Promise.all(Array.from({ length: n }, async (_, i) => [`${prefix}/${i}.png`, await flat(shade(colour, i))] as const)),
  );
}
const open = (files: Record<string, Uint8Array | string>, options: Record<string, unknown> = {}) =>
  load({ kind: 'images', path: '.', height: 4, width: 4, validation: 0, ...options }, folderWith(files));

describe('images', () => {
  it('reads a folder a class, in RGB planes', async () => {
    const { train, test } = await open(
      { ...(await folder('red', red, 10)), ...(await folder('blue', blue, 10)), 'blue/notes.txt': 'x', '.hidden/a.png': '' },
      { test: 4 },
    );
    expect(train.size + test.size).toBe(20);
    expect(train.classes).toEqual(['blue', 'red']);
    expect(train.example.shape).toEqual([3, 4, 4]);
    for (const { x, label } of contents(train)) {
      expect(x.slice(16, 32)).toEqual(Array(16).fill(0));
      expect(x[label === 1 ? 32 : 0]).toBe(0);
      expect(x[label === 1 ? 0 : 32]).toBeGreaterThan(0.9);
    }
  });

  it('uses train, val and test folders, jpg and webp, grey, and pictures without a class', async () => {
    const files = {
      ...(await folder('train/red', red, 3)),
      'train/blue/a.jpg': await sharp(await flat(blue))
        .jpeg()
        .toBuffer(),
      'train/blue/b.WEBP': await sharp(await flat([0, 0, 200]))
        .webp({ lossless: true })
        .toBuffer(),
      'train/free.png': await flat([9, 9, 9]),
      ...(await folder('val/red', [200, 0, 0], 2)),
      ...(await folder('test/blue', [0, 0, 90], 2)),
      'more/1.png': await flat([77, 77, 77]),
    };
    const { train, validation, test } = await open(files, { channels: 'grey', unlabelled: 'more', validation: undefined });
    expect([train.size, validation.size, test.size]).toEqual([7, 2, 2]);
    expect(train.example.shape).toEqual([1, 4, 4]);
    const free = contents(train).filter(({ label }) => label === -1);
    expect(free.map(({ x }) => Math.round(x[0]! * 255))).toEqual([9, 77]);
    expect(contents(test)[0]).toMatchObject({ label: 0, target: [1, 0] });
  });

  it('opens a folder of pictures without classes', async () => {
    const { train } = await open(await folder('.', red, 9), { test: 2 });
    expect(train.size).toBe(7);
    expect(train.classes).toBeNull();
  });

  it('names every file that it cannot read', async () => {
    const good = await flat(red);
    const error = await failure(
      open({ 'a/1.png': good, 'a/2.png': 'not a picture', 'b/3.png': good.subarray(0, 40), 'b/4.png': '' }),
    );
    expect(error.issues.map((i) => i.where.split('/').slice(-2).join('/'))).toEqual(['a/2.png', 'b/3.png', 'b/4.png']);
  });

  it('refuses a picture with absurd dimensions', async () => {
    const bomb = Buffer.from(await flat(red));
    bomb.writeUInt32BE(60000, 16);
    bomb.writeUInt32BE(60000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect((await failure(open({ 'a/1.png': bomb, 'b/2.png': await flat(blue) }))).message).toMatch(/1\.png: .*pixel limit/);
  });

  it.each<[string, Record<string, string>, Record<string, unknown>, RegExp]>([
    ['an empty folder', { 'readme.txt': '' }, {}, /no pictures; expected png, jpg/],
    ['a missing folder', {}, { path: 'nothing' }, /nothing: there is no such file or folder/],
    [
      'a size beyond memory',
      { 'a/1.png': '', 'b/2.png': '' },
      { height: 4096, width: 4096 },
      /bytes of pictures at this size; expected at most/,
    ],
    ['a single class', { 'a/1.png': '' }, {}, /one class, 'a'; expected two or more/],
    [
      'an unknown class in test',
      { 'train/a/1.png': '', 'train/b/1.png': '', 'test/c/1.png': '' },
      {},
      /test\/c: a class that train does not have/,
    ],
  ])('says what is wrong with %s', async (_, files, options, message) => {
    const promise = load({ kind: 'images', path: '.', height: 4, width: 4, ...options }, folderWith(files), 2 ** 24);
    expect((await failure(promise)).message).toMatch(message);
  });
});

describe('pictureOf', () => {
  it('gives back the very pixels, in colour and in grey', async () => {
    for (const channels of ['rgb', 'grey']) {
      const { train } = await open(
        { ...(await folder('red', red, 3)), ...(await folder('blue', blue, 3)) },
        { channels, test: 1 },
      );
      const url = await pictureOf(train, 0);
      expect(url).toMatch(/^data:image\/png;base64,/);
      const png = Buffer.from(url!.split(',')[1]!, 'base64');
      const { data, info } = await sharp(png)
        .toColourspace(channels === 'rgb' ? 'srgb' : 'b-w')
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(await sharp(png).metadata()).toMatchObject({ width: 4, height: 4, channels: channels === 'rgb' ? 3 : 1 });
      const { x } = contents(train)[0]!;
      expect(Array.from(data)).toEqual(
        Array.from({ length: data.length }, (_, i) =>
          Math.round(255 * x[(i % info.channels) * 16 + Math.floor(i / info.channels)]!),
        ),
      );
    }
  });

  it('has none for a row of a table', async () => {
    expect(await pictureOf((await load({ kind: 'spirals', size: 30 })).train, 0)).toBeNull();
  });
});
