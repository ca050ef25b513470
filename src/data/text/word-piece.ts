import { type CountedWord, learnMerges } from './merges.ts';
import { addedToken, clsSepTemplate, type TokenizerJson } from './tokenizer-json.ts';

/** What stands in front of a piece that continues a word. */
const CONTINUES = '##';
/** Longer words become unknown, as in BERT. */
const LONGEST_WORD = 100;
/** Characters kept, the most frequent ones, as in Hugging Face's trainer. */
const MOST_CHARACTERS = 1000;

/** The special tokens of a vocabulary of our own, from id 0. */
export const wordPieceSpecials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

/** A tokenizer.json in BERT's manner around pieces, whose places are their ids. Special tokens are those among the pieces. */
export function wordPieceJson(pieces: readonly string[], lowercase: boolean): TokenizerJson {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const special = (token: (typeof wordPieceSpecials)[number]) => ({ token, id: ids.get(token) ?? 0 });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: wordPieceSpecials.flatMap((token) => (ids.has(token) ? [addedToken(token, ids.get(token)!)] : [])),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: clsSepTemplate(special('[CLS]'), special('[SEP]'), 1),
    decoder: { type: 'WordPiece', prefix: CONTINUES, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: CONTINUES,
      max_input_chars_per_word: LONGEST_WORD,
      vocab: Object.fromEntries(ids),
    },
  };
}

/** Characters of the words by frequency, then by code point; the kept ones in the order of their code points. */
function alphabetOf(counts: ReadonlyMap<string, number>): readonly string[] {
  const characters = new Map<string, number>();
  for (const [word, count] of counts) for (const c of word) characters.set(c, (characters.get(c) ?? 0) + count);
  const byCode = (a: string, b: string): number => a.codePointAt(0)! - b.codePointAt(0)!;
  return [...characters]
    .sort(([a, m], [b, n]) => n - m || byCode(a, b))
    .slice(0, MOST_CHARACTERS)
    .map(([c]) => c)
    .sort(byCode);
}

/**
 * Pieces of a WordPiece vocabulary as Hugging Face's trainer learns them: characters, then merges by the frequency of pairs
 * (no likelihoods, unlike the article's WordPiece). Words of characters that are not kept are left out.
 */
export function learnWordPieces(counts: ReadonlyMap<string, number>, size: number, least: number): readonly string[] {
  const alphabet = alphabetOf(counts);
  const kept = new Set(alphabet);
  const pieces: string[] = [...wordPieceSpecials, ...alphabet];
  const words = [...counts].flatMap(([word, count]) => {
    const characters = [...word];
    return characters.length <= LONGEST_WORD && characters.every((c) => kept.has(c)) ? [{ characters, count }] : [];
  });
  const inside = new Set(words.flatMap(({ characters }) => characters.slice(1)));
  pieces.push(...alphabet.filter((c) => inside.has(c)).map((c) => CONTINUES + c));
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const counted = words.map(
    ({ characters, count }): CountedWord => ({ pieces: characters.map((c, i) => ids.get(i === 0 ? c : CONTINUES + c)!), count }),
  );
  learnMerges(counted, pieces, { size, least, join: (left, right) => left + right.slice(CONTINUES.length) });
  return pieces;
}
