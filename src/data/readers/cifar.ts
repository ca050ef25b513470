import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { fileError, readBytes, resolvePath } from '../bytes.ts';
import { type Dataset, imageDataset } from '../dataset.ts';
import { collectIssues, DataError } from '../error.ts';
import { type DataContext, defineSource, plainSource } from '../source.ts';

const PIXELS = 3 * 32 * 32;

/** The two published row formats, by number of classes: label bytes before the pixels, and which of them is which. */
const variants = {
  10: {
    labelBytes: 1,
    columns: { fine: { at: 0, classes: 10 }, coarse: { at: 0, classes: 10 } },
    names: { fine: 'batches.meta.txt', coarse: 'batches.meta.txt' },
  },
  100: {
    labelBytes: 2,
    columns: { fine: { at: 1, classes: 100 }, coarse: { at: 0, classes: 20 } },
    names: { fine: 'fine_label_names.txt', coarse: 'coarse_label_names.txt' },
  },
} as const;

export const cifar = defineSource({
  kind: 'cifar',
  summary: 'Colour pictures of 32x32 in the binary rows of CIFAR-10 and CIFAR-100 (.gz or plain).',
  title: ({ path }) => basename(path),
  options: z.strictObject({
    kind: z.literal('cifar'),
    path: z.string().min(1).describe('Folder of the files'),
    variant: z
      .union([z.literal(10), z.literal(100)])
      .default(10)
      .describe('10: one label byte a row; 100: a coarse and a fine one'),
    labels: z.enum(['fine', 'coarse']).default('fine').describe('Which label of CIFAR-100 to learn'),
    trainFiles: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Train files; default: data_batch_*.bin, else train*.bin (.gz or plain)'),
    testFiles: z.array(z.string()).optional().describe('Test files, [] to carve a test split; default: test*.bin (.gz or plain)'),
  }),
  async open(options, context) {
    const folder = resolvePath(context.folder, options.path);
    const names = await readdir(folder).catch((error) => Promise.reject(fileError(folder, error)));
    const matching = (pattern: RegExp): string[] => names.filter((n) => pattern.test(n)).sort();
    const official = matching(/^data_batch_\d+\.bin(\.gz)?$/);
    const train = options.trainFiles ?? (official.length > 0 ? official : matching(/^train.*\.bin(\.gz)?$/));
    if (train.length === 0) {
      throw new DataError({
        where: folder,
        found: 'no data_batch_*.bin or train*.bin (.gz or plain)',
        expected: 'files of CIFAR rows',
        fix: 'name them with `trainFiles`, or fetch them with `npm run data`',
      });
    }
    const test = options.testFiles ?? matching(/^test.*\.bin(\.gz)?$/);
    const variant = variants[options.variant];
    const { at, classes: count } = variant.columns[options.labels];
    const classes = await classNames(join(folder, variant.names[options.labels]), count, names, context);
    const read = (files: readonly string[], name: string): Promise<Dataset> =>
      readRows(
        files.map((f) => join(folder, f)),
        { name, labelBytes: variant.labelBytes, at, classes },
        context,
      );
    return plainSource(await read(train, 'train'), test.length > 0 ? await read(test, 'test') : null);
  },
});

/** The names beside the data where they are there and complete, else numbers. */
async function classNames(
  path: string,
  count: number,
  present: readonly string[],
  context: DataContext,
): Promise<readonly string[]> {
  const numbers = Array.from({ length: count }, (_, c) => String(c));
  if (!present.includes(basename(path))) return numbers;
  const lines = (await readBytes(path, Math.min(context.maxBytes, 1 << 16))).toString('utf8').split(/\r?\n/);
  const names = lines.map((l) => l.trim()).filter((l) => l !== '');
  if (names.length !== count) {
    throw new DataError({
      where: path,
      found: `${names.length} names`,
      expected: `${count}, one a line`,
      fix: 'mend or remove the file',
    });
  }
  return names;
}

interface RowFormat {
  readonly name: string;
  readonly labelBytes: number;
  readonly at: number;
  readonly classes: readonly string[];
}

async function readRows(
  files: readonly string[],
  { name, labelBytes, at, classes }: RowFormat,
  { maxBytes }: DataContext,
): Promise<Dataset> {
  const row = labelBytes + PIXELS;
  const parts = [];
  for (const file of files) parts.push({ file, bytes: await readBytes(file, maxBytes) });
  const issues = collectIssues();
  for (const { file, bytes } of parts) {
    if (bytes.length === 0 || bytes.length % row !== 0) {
      issues.add({
        where: file,
        found: `${bytes.length} bytes`,
        expected: `a positive multiple of ${row}, the size of a row`,
        fix: 'the file is cut off, or `variant` is wrong',
      });
    }
  }
  issues.check();
  const size = parts.reduce((n, { bytes }) => n + bytes.length / row, 0);
  const pixels = new Uint8Array(size * PIXELS);
  const labels = new Uint8Array(size);
  let i = 0;
  for (const { file, bytes } of parts) {
    for (let from = 0; from < bytes.length; from += row, i++) {
      const label = bytes[from + at]!;
      if (label >= classes.length) {
        issues.add({
          where: `${file}, row ${from / row}`,
          found: `class ${label}`,
          expected: `0 to ${classes.length - 1}`,
          fix: 'the file is damaged, or `variant` is wrong',
        });
      }
      labels[i] = label;
      pixels.set(bytes.subarray(from + labelBytes, from + row), i * PIXELS);
    }
  }
  issues.check();
  return imageDataset({ name, shape: [3, 32, 32], bytes: pixels, labels, classes });
}
