import { readBytes } from '../bytes.ts';
import { DataError } from '../error.ts';

/** A vocabulary of pieces as SentencePiece learns it for Llama. */
export interface Pieces {
  readonly vocabulary: number;
  /** Ids that begin and end a text. */
  readonly first: number;
  readonly last: number;
  /** Ids of a text, without those of its edges. */
  encode(text: string): readonly number[];
  decode(ids: readonly number[]): string;
}

/** Unknown, first, last; the 256 bytes follow. */
const special = 3;
const bytesEnd = special + 256;
const mostBytes = 2 ** 26;

/**
 * Reads the tokenizer file of llama2.c: the longest length, then a score (float32), a length (int32) and the bytes of each piece.
 *
 * @throws DataError for any other file.
 */
export async function readPieces(path: string): Promise<Pieces> {
  const bytes = await readBytes(path, mostBytes);
  const pieces: Uint8Array[] = [];
  const scores: number[] = [];
  for (let at = 4; at < bytes.length; ) {
    const length = at + 8 <= bytes.length ? bytes.readInt32LE(at + 4) : -1;
    if (length < 0 || at + 8 + length > bytes.length) throw wrong(path, `a piece of ${length} bytes at ${at} of ${bytes.length}`);
    scores.push(bytes.readFloatLE(at));
    pieces.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  if (pieces.length <= bytesEnd || Buffer.from(pieces[special]!).toString('latin1') !== '<0x00>') {
    throw wrong(path, `${pieces.length} pieces without those of single bytes`);
  }
  return piecesOf(pieces, scores);
}

const wrong = (where: string, found: string): DataError =>
  new DataError({ where, found, expected: 'a tokenizer file of llama2.c', fix: 'take a tokenizer.json, or its folder' });

function piecesOf(pieces: readonly Uint8Array[], scores: readonly number[]): Pieces {
  const texts = pieces.map((piece) => Buffer.from(piece).toString('utf8'));
  const ids = new Map(texts.map((text, id) => [text, id]).slice(bytesEnd) as [string, number][]);
  return {
    vocabulary: pieces.length,
    first: 1,
    last: 2,
    encode(text) {
      const parts = [...` ${text}`].flatMap((letter) => {
        const id = ids.get(letter);
        return id === undefined ? [...Buffer.from(letter)].map((byte) => byte + special) : [id];
      });
      for (;;) {
        let best = -1;
        let merged = -1;
        for (let i = 0; i + 1 < parts.length; i++) {
          const id = ids.get(texts[parts[i]!]! + texts[parts[i + 1]!]!);
          if (id !== undefined && (merged < 0 || scores[id]! > scores[merged]!)) [best, merged] = [i, id];
        }
        if (merged < 0) return parts;
        parts.splice(best, 2, merged);
      }
    },
    decode(list) {
      const kept = list.filter((id) => id >= special);
      const text = Buffer.concat(kept.map((id) => (id < bytesEnd ? Uint8Array.of(id - special) : pieces[id]!))).toString('utf8');
      return text.replace(/^ /, '');
    },
  };
}
