import { basename } from 'node:path';
import { resolveFile, resolveTokenizer } from '../hub/resolve.ts';
import { type DataContext, defineSource } from '../source.ts';
import { createTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { readTokenizer } from '../text/tokenizer-files.ts';
import { type Records, readRecords } from './records.ts';
import { type TextOptions, textOptions } from './text-options.ts';
import { textSource } from './text-source.ts';

/** What an option with one or several values holds. */
export const listOf = <T>(one: T | readonly T[] | undefined): readonly T[] =>
  one === undefined ? [] : Array.isArray(one) ? one : [one as T];

export const text = defineSource({
  kind: 'text',
  summary:
    'Texts or pairs of texts in CSV, TSV, JSON Lines or Parquet (.gz or plain), with a class, with numbers, or with neither.',
  title: ({ path }) => basename(listOf(path)[0]!),
  options: textOptions,
  async open(options, context) {
    const read = async (paths: string | readonly string[] | undefined, option: string): Promise<readonly Records[]> => {
      const records: Records[] = [];
      for (const path of listOf(paths)) records.push(await open(path, option, options, context));
      return records;
    };
    const tokenizer = await openTokenizer(options.tokenizer, context);
    const train = await read(options.path, 'path');
    const test = await read(options.testPath, 'testPath');
    return textSource({ train, test, validation: await read(options.validationPath, 'validationPath') }, options, tokenizer);
  },
});

async function open(path: string, option: string, options: TextOptions, context: DataContext): Promise<Records> {
  const { text, pair, label, targets = [], format, header, delimiter } = options;
  const columns = [text, pair, label, ...targets].filter((ref) => ref !== undefined);
  const local = await resolveFile(path, context, `data.${option}`);
  return readRecords(local, { format, header, delimiter, columns, maxBytes: context.maxBytes });
}

/** The tokenizer that was named; null where a vocabulary is to be learnt. */
export async function openTokenizer(given: TextOptions['tokenizer'], context: DataContext): Promise<Tokenizer | null> {
  if (typeof given !== 'string') return null;
  return createTokenizer(await readTokenizer(await resolveTokenizer(given, context, 'data.tokenizer')));
}
