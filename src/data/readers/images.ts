import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type Sharp from 'sharp';
import { z } from 'zod';
import { fileError, resolvePath } from '../bytes.ts';
import { type Dataset, imageDataset } from '../dataset.ts';
import { collectIssues, DataError } from '../error.ts';
import { defineSource, plainSource } from '../source.ts';

const PICTURE = /\.(png|jpe?g|webp|gif|avif|tiff?)$/i;
const AT_ONCE = 8;
/** Pixels of one file before it is scaled down: more is a mistake or an attack. */
const MOST_PIXELS = 100_000_000;

export const images = defineSource({
  kind: 'images',
  summary:
    'Pictures in folders, one folder a class (png, jpg, webp, gif, avif, tiff); train, validation and test folders are used where they are.',
  title: ({ path }) => basename(path),
  options: z.strictObject({
    kind: z.literal('images'),
    path: z.string().min(1).describe('Folder with a folder for each class, or with train/, validation/ and test/ that have them'),
    unlabelled: z.string().min(1).optional().describe('Folder of further train pictures without a class'),
    height: z.int().min(1).max(4096).describe('Height that all pictures are brought to'),
    width: z.int().min(1).max(4096).describe('Width that all pictures are brought to'),
    channels: z.enum(['rgb', 'grey']).default('rgb').describe('Colour or grey'),
    fit: z
      .enum(['cover', 'contain', 'fill'])
      .default('cover')
      .describe('cover: cut what sticks out; contain: pad with black; fill: stretch'),
  }),
  async open(options, { folder, maxBytes }) {
    const root = resolvePath(folder, options.path);
    const top = await list(root);
    const own = (names: readonly string[]): string | undefined => top.folders.find((f) => names.includes(f.toLowerCase()));
    const trainFolder = own(['train', 'training']);
    const testFolder = trainFolder && own(['test', 'testing']);
    const validationFolder = trainFolder && own(['validation', 'valid', 'val']);
    const train = await findPictures(trainFolder ? join(root, trainFolder) : root);
    const further = options.unlabelled === undefined ? [] : await bare(resolvePath(folder, options.unlabelled));
    const parts = [
      { name: 'train', found: { ...train, files: [...train.files, ...further] } },
      ...(testFolder ? [{ name: 'test', found: await findPictures(join(root, testFolder)) }] : []),
      ...(validationFolder ? [{ name: 'validation', found: await findPictures(join(root, validationFolder)) }] : []),
    ];
    const classes = train.classes;
    const issues = collectIssues();
    for (const { name, found } of parts) {
      if (found.files.length === 0) {
        issues.add({
          where: join(root, name === 'train' ? (trainFolder ?? '') : name),
          found: 'no pictures',
          expected: 'png, jpg, webp, gif, avif or tiff files',
          fix: 'check `path`',
        });
      }
      for (const c of found.classes.filter((c) => !classes.includes(c))) {
        issues.add({
          where: join(root, name, c),
          found: 'a class that train does not have',
          expected: `one of ${classes.join(', ')}`,
        });
      }
    }
    if (classes.length === 1)
      issues.add({
        where: root,
        found: `one class, '${classes[0]}'`,
        expected: 'two or more, or pictures without class folders',
      });
    const each = options.height * options.width * (options.channels === 'rgb' ? 3 : 1);
    const total = parts.reduce((n, { found }) => n + found.files.length, 0) * each;
    if (total > maxBytes) {
      issues.add({
        where: 'data',
        found: `${total} bytes of pictures at this size`,
        expected: `at most ${maxBytes}`,
        fix: 'take a smaller `height` and `width`',
      });
    }
    issues.check();
    const decoded: Dataset[] = [];
    for (const { name, found } of parts) decoded.push(await decode(name, found.files, classes, options));
    const part = (name: string): Dataset | null => decoded.find((d) => d.name === name) ?? null;
    return plainSource(part('train')!, part('test'), part('validation'));
  },
});

interface Listing {
  readonly folders: readonly string[];
  readonly pictures: readonly string[];
}

/** Folders and picture files of a folder, in the order of their names; hidden ones left out. */
async function list(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => Promise.reject(fileError(folder, error)));
  const names = (test: (entry: (typeof entries)[number]) => boolean): string[] =>
    entries
      .filter((e) => !e.name.startsWith('.') && test(e))
      .map((e) => e.name)
      .sort();
  return { folders: names((e) => e.isDirectory()), pictures: names((e) => !e.isDirectory() && PICTURE.test(e.name)) };
}

interface PictureFile {
  readonly path: string;
  /** Null: without a class. */
  readonly className: string | null;
}

const bare = async (folder: string): Promise<PictureFile[]> =>
  (await list(folder)).pictures.map((name) => ({ path: join(folder, name), className: null }));

/** The pictures in the class folders of a part, and those that lie beside them without a class. */
async function findPictures(
  folder: string,
): Promise<{ readonly classes: readonly string[]; readonly files: readonly PictureFile[] }> {
  const { folders } = await list(folder);
  const files = await bare(folder);
  const classes: string[] = [];
  for (const className of folders) {
    const { pictures } = await list(join(folder, className));
    if (pictures.length > 0) classes.push(className);
    for (const name of pictures) files.push({ path: join(folder, className, name), className });
  }
  return { classes, files };
}

interface Format {
  readonly height: number;
  readonly width: number;
  readonly channels: 'rgb' | 'grey';
  readonly fit: 'cover' | 'contain' | 'fill';
}

async function decode(name: string, files: readonly PictureFile[], classes: readonly string[], format: Format): Promise<Dataset> {
  const channels = format.channels === 'rgb' ? 3 : 1;
  const area = format.height * format.width;
  const bytes = new Uint8Array(files.length * area * channels);
  // Loaded where it is needed: it takes 20 MB.
  const { default: open } = await import('sharp');
  const failures = new Map<number, string>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const i = next++;
      try {
        const pixels = await decodeOne(open, files[i]!.path, format);
        for (let c = 0; c < channels; c++) {
          const plane = (i * channels + c) * area;
          for (let p = 0; p < area; p++) bytes[plane + p] = pixels[p * channels + c]!;
        }
      } catch (error) {
        failures.set(i, error instanceof Error ? error.message.split('\n')[0]! : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const issues = collectIssues();
  for (const [i, found] of [...failures].sort(([a], [b]) => a - b)) {
    issues.add({
      where: files[i]!.path,
      found,
      expected: `a picture of at most ${MOST_PIXELS} pixels`,
      fix: 'mend or remove the file',
    });
  }
  issues.check();
  const labels = Int32Array.from(files, ({ className }) => (className === null ? -1 : classes.indexOf(className)));
  const named = classes.length > 0 ? classes : null;
  return imageDataset({ name, shape: [channels, format.height, format.width], bytes, labels: named && labels, classes: named });
}

/** Pixels of one file, rows of RGB or grey bytes; transparent parts become black. */
async function decodeOne(open: typeof Sharp, path: string, { height, width, channels, fit }: Format): Promise<Uint8Array> {
  const resized = open(path, { limitInputPixels: MOST_PIXELS, failOn: 'error' })
    .autoOrient()
    .flatten({ background: 'black' })
    .resize({ height, width, fit, background: 'black' })
    .toColourspace(channels === 'grey' ? 'b-w' : 'srgb')
    .removeAlpha();
  const { data, info } = await resized.raw().toBuffer({ resolveWithObject: true });
  const wanted = channels === 'grey' ? 1 : 3;
  if (info.channels !== wanted)
    throw new DataError({ where: path, found: `${info.channels} channels`, expected: String(wanted) });
  return data;
}
