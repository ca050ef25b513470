import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import { z } from 'zod';
import { DataError } from '../error.ts';
import { bytePairJson, learnBytePairs } from './byte-pairs.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';
import type { TokenizerJson } from './tokenizer-json.ts';
import { learnWordPieces, wordPieceJson, wordPieceSpecials } from './word-piece.ts';

/** A kind of vocabulary that can be learnt. */
interface VocabularyKind {
  /** A tokenizer without pieces: its way to normalise texts and to divide them into words. */
  bare(lowercase: boolean): TokenizerJson;
  learn(counts: ReadonlyMap<string, number>, size: number, least: number, lowercase: boolean): TokenizerJson;
  /** What its tokenizer_config.json says. */
  config(lowercase: boolean): Readonly<Record<string, unknown>>;
}

const kinds = {
  wordpiece: {
    bare: (lowercase) => wordPieceJson(wordPieceSpecials, lowercase),
    learn: (counts, size, least, lowercase) => wordPieceJson(learnWordPieces(counts, size, least), lowercase),
    config: (lowercase) => ({ do_lower_case: lowercase, clean_up_tokenization_spaces: true }),
  },
  bpe: {
    bare: (lowercase) => bytePairJson({ pieces: [], merges: [] }, lowercase),
    learn: (counts, size, least, lowercase) => bytePairJson(learnBytePairs(counts, size, least), lowercase),
    config: () => ({ clean_up_tokenization_spaces: false }),
  },
} as const satisfies Record<string, VocabularyKind>;

/** How a vocabulary is learnt from the train split. */
export const vocabularyOptions = z.strictObject({
  train: z
    .enum(Object.keys(kinds) as [keyof typeof kinds, ...(keyof typeof kinds)[]])
    .default('wordpiece')
    .describe('Kind of vocabulary: wordpiece (pieces of words, as in BERT) or bpe (of bytes: nothing is unknown)'),
  size: z.int().min(50).max(1_000_000).default(8000).describe('Pieces of the vocabulary, special tokens included'),
  lowercase: z.boolean().default(true).describe('Whether capitals and, with wordpiece, accents are left out'),
});
export type VocabularyOptions = z.output<typeof vocabularyOptions>;

/** A pair of pieces that occurs once is an accident of one text. */
const LEAST = 2;

/** Learns a vocabulary from texts; the same texts in the same order give the same bytes. Throws `DataError`. */
export function learnVocabulary(texts: Iterable<string>, { train, size, lowercase }: VocabularyOptions): TokenizerFiles {
  const kind: VocabularyKind = kinds[train];
  const json = kind.learn(countWords(texts, kind.bare(lowercase)), size, LEAST, lowercase);
  const pieces = Object.keys(json.model.vocab).length;
  if (pieces > size) {
    throw new DataError({
      where: 'data.tokenizer.size',
      found: String(size),
      expected: `at least ${pieces}: the single characters and the special tokens`,
      fix: 'take a larger vocabulary',
    });
  }
  return { where: `vocabulary of ${pieces} pieces`, json, config: kind.config(lowercase) };
}

/** Words of texts as the tokenizer will divide them, and how often each occurs. */
function countWords(texts: Iterable<string>, bare: TokenizerJson): ReadonlyMap<string, number> {
  const { normalizer, pre_tokenizer: divide } = new Encoder(bare, {});
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of divide!.pre_tokenize(normalizer ? normalizer.normalize(text) : text)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}
