import type { TextType } from '../dataset.ts';
import { createTokenizer, type Tokenizer } from './tokenizer.ts';
import { parseTokenizer } from './tokenizer-files.ts';

/** The tokenizer that texts of data were made by, out of the files that are kept with them; null where there are none. */
export function tokenizerOf({ files }: Pick<TextType, 'files'>): Tokenizer | null {
  const [content, config = '{}'] = [files['tokenizer.json'], files['tokenizer_config.json']];
  if (content === undefined) return null;
  const where = 'tokenizer.json';
  return createTokenizer({
    where,
    json: parseTokenizer(JSON.parse(content), where),
    config: JSON.parse(config) as Readonly<Record<string, unknown>>,
  });
}
