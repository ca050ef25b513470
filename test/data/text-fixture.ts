import type { Dataset } from '../../src/data/dataset.ts';

/** Words for small texts. */
const WORDS = 'the film was a good bad dull bright story of love and war with no end in sight'.split(' ');

/** Different small texts. */
export const sentences = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const word = (k: number): string => WORDS[(i * (k + 3) + k * k) % WORDS.length]!;
    return `${word(0)} ${word(1)} ${word(2)} ${word(3)} number${i}`;
  });

/** Ids and segments of an example, without padding. */
export function tokensOf(part: Dataset, i: number): { readonly ids: number[]; readonly texts: number[] } {
  const [, longest] = part.example.shape as readonly [number, number];
  const out = new Float32Array(2 * longest);
  part.read(i, out, 0);
  const length = part.length!(i);
  return { ids: [...out.subarray(0, length)], texts: [...out.subarray(longest, longest + length)] };
}
