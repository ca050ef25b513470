import { type CountedWord, learnMerges } from './merges.ts';
import { addedToken, clsSepTemplate, type TokenizerJson } from './tokenizer-json.ts';

/** The special tokens of a vocabulary of our own, from id 0. Bytes need no unknown token. */
const specials = ['[PAD]', '[CLS]', '[SEP]', '[MASK]'] as const;

/**
 * The visible character that stands for each byte in a byte-level vocabulary (Radford et al. 2019, GPT-2): printable ones of
 * Latin-1 for themselves, the others from U+0100 on.
 */
function byteCharacters(): readonly string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, b) => {
    const visible = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    return String.fromCodePoint(visible ? b : next++);
  });
}

/** Pieces, and the pairs they were merged from in their order. */
export interface BytePairs {
  readonly pieces: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** A byte-level tokenizer.json around pieces, whose places are their ids; both texts of a pair are in segment 0, as in RoBERTa. */
export function bytePairJson({ pieces, merges }: BytePairs, lowercase: boolean): TokenizerJson {
  const special = (token: (typeof specials)[number]) => ({ token, id: specials.indexOf(token) });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((token, id) => addedToken(token, id)),
    normalizer: lowercase ? { type: 'Lowercase' } : null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: clsSepTemplate(special('[CLS]'), special('[SEP]'), 0),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges,
    },
  };
}

/** Byte-level pieces: all 256 bytes, then merges by the frequency of pairs. `counts` holds words whose bytes are already characters. */
export function learnBytePairs(counts: ReadonlyMap<string, number>, size: number, least: number): BytePairs {
  const pieces: string[] = [...specials, ...byteCharacters()];
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const words = [...counts].map(([word, count]): CountedWord => ({ pieces: [...word].map((c) => ids.get(c)!), count }));
  const merges = learnMerges(words, pieces, { size, least, join: (left, right) => left + right });
  return { pieces, merges };
}
