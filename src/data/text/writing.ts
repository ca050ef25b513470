import { DataError } from '../error.ts';
import { readPieces } from './piece-file.ts';
import { createTokenizer } from './tokenizer.ts';
import { readTokenizer } from './tokenizer-files.ts';

/** Ids of a language model that writes, and the texts that they are. */
export interface Writing {
  readonly vocabulary: number;
  /** Ids that end a text. */
  readonly stops: ReadonlySet<number>;
  /** Ids that a text begins with. @throws DataError where there are none: nothing told, and no token that begins texts. */
  begin(prompt: string | undefined): readonly number[];
  decode(ids: readonly number[]): string;
}

/**
 * Opens a tokenizer as one writes with it: a tokenizer.json, its folder, or a file of llama2.c (`.bin`).
 * @throws DataError for anything else.
 */
export async function openWriting(path: string): Promise<Writing> {
  if (path.endsWith('.bin')) {
    const { vocabulary, first, last, encode, decode } = await readPieces(path);
    return {
      vocabulary,
      stops: new Set([first, last]),
      begin: (prompt) => (prompt === undefined ? [first] : [first, ...encode(prompt)]),
      decode,
    };
  }
  const { vocabulary, special, encode, decode } = createTokenizer(await readTokenizer(path));
  const edges = [special.first, special.separator].filter((id) => id !== null);
  return {
    vocabulary,
    stops: new Set(edges),
    begin(prompt) {
      const ids = prompt === undefined ? edges.slice(0, 1) : encode([prompt], Number.MAX_SAFE_INTEGER).ids;
      // What closes a text is not where one goes on.
      const open = ids.length > 1 && ids.at(-1) === special.separator ? ids.slice(0, -1) : ids;
      if (open.length > 0) return open;
      throw new DataError({
        where: path,
        found: 'no token that begins a text',
        expected: 'one, or some words to begin with',
        fix: 'give prompts',
      });
    },
    decode,
  };
}
