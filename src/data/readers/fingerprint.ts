import { createHash } from 'node:crypto';

/** Words of 24 bits, so that they are exact as float32. */
const size = 3;

/** What the numbers of a fingerprint are called. */
export const fingerprintWords = Array.from({ length: size }, (_, w) => `fingerprint ${w}`);

/** Numbers that are the same for copies of texts: capitals, accents' forms and blanks at the ends do not count. */
export function fingerprint(texts: readonly string[]): readonly number[] {
  const plain = texts.map((text) => text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' '));
  const digest = createHash('sha256').update(JSON.stringify(plain)).digest();
  return Array.from({ length: size }, (_, w) => digest.readUIntBE(3 * w, 3));
}
