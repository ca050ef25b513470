import { basename, extname } from 'node:path';
import { z } from 'zod';
import { resolveFile } from '../hub/resolve.ts';
import { type DataContext, defineSource } from '../source.ts';
import { columnRef } from './columns.ts';
import { conllColumns, readConll } from './conll.ts';
import { type Records, readRecords } from './records.ts';
import { type TaggedOptions, taggedSource } from './tagged-source.ts';
import { listOf, openTokenizer } from './text-files.ts';
import { textOptions } from './text-options.ts';

const { path, testPath, validationPath, tokenizer, length } = textOptions.shape;
const formats = ['conll', 'jsonl', 'parquet'] as const;

/** By extension; everything else is CoNLL. */
const extensions: Readonly<Record<string, (typeof formats)[number]>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
};

const options = z.strictObject({
  kind: z.literal('tagged-text'),
  path,
  testPath,
  validationPath,
  format: z
    .enum(formats)
    .optional()
    .describe('What the files hold; default: by extension (.jsonl, .parquet; all else is CoNLL: a word and its tag a line)'),
  words: columnRef.default(conllColumns.words).describe('Column with the list of words of a text'),
  tags: columnRef
    .default(conllColumns.tags)
    .describe('Column with the list of tags, one for each word: names, or positions in `classes`'),
  classes: z
    .array(z.string())
    .min(2)
    .optional()
    .describe('Names of the tags in their order, also for tags that are 0, 1, …; default: the tags in train, sorted'),
  tokenizer,
  length,
});

export const taggedText = defineSource({
  kind: 'tagged-text',
  summary: 'Texts with a tag for each word, such as named entities, in CoNLL files, JSON Lines or Parquet (.gz or plain).',
  title: ({ path }) => basename(listOf(path)[0]!),
  options,
  async open(given, context) {
    const read = async (paths: string | readonly string[] | undefined, option: string): Promise<readonly Records[]> => {
      const records: Records[] = [];
      for (const one of listOf(paths)) records.push(await open(one, option, given, context));
      return records;
    };
    const encoder = await openTokenizer(given.tokenizer, context);
    const parts = {
      train: await read(given.path, 'path'),
      test: await read(given.testPath, 'testPath'),
      validation: await read(given.validationPath, 'validationPath'),
    };
    return taggedSource(parts, given, encoder);
  },
});

async function open(
  one: string,
  option: string,
  { words, tags, format }: TaggedOptions & Pick<z.output<typeof options>, 'format'>,
  context: DataContext,
): Promise<Records> {
  const local = await resolveFile(one, context, `data.${option}`);
  const kind = format ?? extensions[extname(local.replace(/\.gz$/i, '')).toLowerCase()] ?? 'conll';
  const { maxBytes } = context;
  if (kind === 'conll') return readConll(local, maxBytes);
  return readRecords(local, { format: kind, header: true, columns: [words, tags], maxBytes });
}
