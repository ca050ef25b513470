import type { TextType } from '../dataset.ts';
import { configKeys } from './special-tokens.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The class that transformers.js takes when the folder names none: BERT's gives segments. */
const classes: Readonly<Record<string, string>> = { WordPiece: 'BertTokenizer' };

/**
 * What models and people have to know of a tokenizer whose models see at most `longest` tokens. The files beside a model are the
 * tokenizer's own, without fixed padding and truncation, with the longest length and all special tokens named.
 */
export function textTypeOf({ files, vocabulary, special, token }: Tokenizer, longest: number): TextType {
  const { json, config } = files;
  const named = Object.entries(special).flatMap(([role, id]) => {
    const content = id === null ? undefined : token(id);
    return content === undefined ? [] : [[configKeys[role as keyof typeof configKeys], content]];
  });
  const written = {
    tokenizer_class: classes[json.model.type ?? ''] ?? 'PreTrainedTokenizerFast',
    ...config,
    ...Object.fromEntries(named),
    model_max_length: longest,
  };
  return {
    vocabulary,
    special,
    files: {
      'tokenizer.json': JSON.stringify({ ...json, truncation: null, padding: null }),
      'tokenizer_config.json': `${JSON.stringify(written, null, 2)}\n`,
    },
  };
}
