import type { Tokenizer as Encoder } from '@huggingface/tokenizers';
import { DataError } from '../error.ts';

/** One place of a template: a text, or a special token; with the segment of what stands there. */
export interface Slot {
  /** Which text, from 0; null for a special token. */
  readonly text: 0 | 1 | null;
  /** Of the special token; −1 for a text. */
  readonly id: number;
  readonly segment: number;
}

/** Stand-ins for texts that no vocabulary has. */
const marks = ['\u0000text 1', '\u0000text 2'] as const;

/**
 * What the file's post-processor puts around one text or a pair, found by giving it stand-ins. Throws `DataError` for a token
 * that the vocabulary lacks, and for segments other than 0 and 1.
 */
export function templateOf(encoder: Encoder, texts: 1 | 2, where: string): readonly Slot[] | null {
  const wrong = (found: string, expected: string): DataError =>
    new DataError({ where: `${where}, post_processor`, found, expected, fix: 'fetch the tokenizer again' });
  const pair = texts === 2 ? [marks[1]] : null;
  let tokens: readonly string[];
  let segments: readonly number[] | undefined;
  if (encoder.post_processor) {
    try {
      const processed = encoder.post_processor.post_process([marks[0]], pair, true);
      tokens = processed.tokens;
      segments = processed.token_type_ids;
    } catch (error) {
      throw wrong(error instanceof Error ? error.message : String(error), 'a template of tokens and texts');
    }
  } else tokens = [marks[0], ...(pair ?? [])];
  const slots = tokens.map((token, at): Slot => {
    const segment = segments?.[at] ?? 0;
    if (segment !== 0 && segment !== 1) throw wrong(`segment ${segment} for '${token.slice(0, 40)}'`, 'segments 0 and 1');
    const mark = (marks as readonly string[]).indexOf(token);
    if (mark >= 0) return { text: mark as 0 | 1, id: -1, segment };
    const id = encoder.token_to_id(token);
    if (id === undefined) throw wrong(`'${token.slice(0, 40)}', which is not in the vocabulary`, 'tokens of the vocabulary');
    return { text: null, id, segment };
  });
  const held = new Set(slots.map(({ text }) => text));
  if (!held.has(0)) throw wrong('a template without the text', 'one that holds it');
  return texts === 2 && !held.has(1) ? null : slots;
}
