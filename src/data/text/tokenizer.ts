import { Tokenizer as Encoder } from '@huggingface/tokenizers';
import type { TextType } from '../dataset.ts';
import { DataError } from '../error.ts';
import { specialIds } from './special-tokens.ts';
import { type Slot, templateOf } from './template.ts';
import type { TokenizerFiles } from './tokenizer-files.ts';

/** Tokens of one example; both lists have one number a token. */
export interface Encoded {
  readonly ids: readonly number[];
  /** 1 or 2: the file's segment (token type) plus one. */
  readonly texts: readonly number[];
}

/** Texts to ids and back, with all lengths left to the caller. */
export interface Tokenizer {
  readonly files: TokenizerFiles;
  /** Ids run from 0 to one below; tokens that were added later are in it. */
  readonly vocabulary: number;
  readonly special: TextType['special'];
  /** Special tokens around so many texts. Throws `DataError` where the tokenizer cannot join two. */
  reserved(texts: number): number;
  /**
   * Tokens of one text or a pair with the special tokens of the file, at most `longest`: ends of texts are cut off, of a pair
   * those of the longer text first. What the file says of truncation and padding does not count.
   */
  encode(texts: readonly string[], longest: number): Encoded;
  /**
   * Tokens of a text that is given as words, as of the words with blanks between, and the place of the first token of each word, −1 for
   * words of which nothing is left.
   */
  encodeWords(words: readonly string[], longest: number): Encoded & { readonly firsts: readonly number[] };
  /** Special tokens are left out. */
  decode(ids: readonly number[]): string;
  token(id: number): string | undefined;
}

/** Throws `DataError` for a file that the tokenizer cannot work with. */
export function createTokenizer(files: TokenizerFiles): Tokenizer {
  const { where, json, config } = files;
  const encoder = openEncoder(files);
  const single = templateOf(encoder, 1, where)!;
  let pair: readonly Slot[] | null | undefined;
  const template = (texts: number): readonly Slot[] => {
    if (texts === 1) return single;
    pair ??= templateOf(encoder, 2, where);
    if (pair) return pair;
    throw new DataError({
      where: `${where}, post_processor`,
      found: 'no template for two texts',
      expected: 'one, because the data has pairs',
      fix: 'use a tokenizer of the BERT or RoBERTa family, or join the two texts in your data',
    });
  };
  const special = specialIds(json, config, edgesOf(single), (token) => encoder.token_to_id(token));

  const idsOf = (text: string): readonly number[] => {
    const { ids, tokens } = encoder.encode(text, { add_special_tokens: false });
    const bad = ids.indexOf(undefined as unknown as number);
    if (bad < 0) return ids;
    throw new DataError({
      where,
      found: `no id for '${tokens[bad]}', a part of '${text.slice(0, 60)}'`,
      expected: 'a vocabulary with an unknown token for what it does not have',
      fix: 'take a tokenizer that was trained on this kind of text, or a byte-level one',
    });
  };
  return {
    files,
    vocabulary: sizeOf(encoder),
    special,
    reserved: (texts) => template(texts).filter(({ text }) => text === null).length,
    encode(texts, longest) {
      const slots = template(texts.length);
      const room = longest - (slots.length - texts.length);
      if (room < texts.length) throw new Error(`internal: ${texts.length} texts in ${longest} tokens`);
      const parts = texts.map(idsOf);
      const kept = share(room, parts[0]!.length, parts[1]?.length ?? 0);
      const out = { ids: [] as number[], texts: [] as number[] };
      const put = (id: number, segment: number): void => {
        out.ids.push(id);
        out.texts.push(segment + 1);
      };
      for (const { text, id, segment } of slots) {
        if (text === null) put(id, segment);
        else for (let t = 0; t < kept[text]!; t++) put(parts[text]![t]!, segment);
      }
      return out;
    },
    encodeWords(words, longest) {
      const kept = longest - (single.length - 1);
      const parts = words.map((word, w) => idsOf(w === 0 ? word : ` ${word}`));
      const all = parts.flat().slice(0, kept);
      const before = single.findIndex(({ text }) => text !== null);
      let at = 0;
      const firsts = parts.map((part) => {
        const first = part.length > 0 && at < kept ? before + at : -1;
        at += part.length;
        return first;
      });
      const out = { ids: [] as number[], texts: [] as number[] };
      for (const { text, id, segment } of single) {
        const ids = text === null ? [id] : all;
        out.ids.push(...ids);
        out.texts.push(...ids.map(() => segment + 1));
      }
      return { ...out, firsts };
    },
    decode: (ids) => (ids.length === 0 ? '' : encoder.decode([...ids], { skip_special_tokens: true })),
    token: (id) => encoder.id_to_token(id),
  };
}

/** Lengths of two texts within `room`: the longer one gives way until both are equal, then the first one (`longest_first`). */
function share(room: number, a: number, b: number): readonly [number, number] {
  if (a + b <= room) return [a, b];
  const short = Math.min(a, b, Math.floor(room / 2));
  return a <= b ? [short, Math.min(b, room - short)] : [Math.min(a, room - short), short];
}

function openEncoder({ where, json, config }: TokenizerFiles): Encoder {
  try {
    return new Encoder(json, config);
  } catch (error) {
    throw new DataError(
      {
        where,
        found: error instanceof Error ? error.message : String(error),
        expected: 'a tokenizer that @huggingface/tokenizers can read',
        fix: 'save it again with a current version of Hugging Face’s tokenizers, or take another one',
      },
      'data',
      error,
    );
  }
}

function sizeOf(encoder: Encoder): number {
  let most = 0;
  for (const id of encoder.get_vocab().values()) most = Math.max(most, id);
  return most + 1;
}

/** Special ids in front of the text and behind it, nearest to the edges. */
function edgesOf(slots: readonly Slot[]): { readonly first: number | null; readonly separator: number | null } {
  const at = slots.findIndex(({ text }) => text !== null);
  return { first: at > 0 ? slots[0]!.id : null, separator: at < slots.length - 1 ? slots.at(-1)!.id : null };
}
