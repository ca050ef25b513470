import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordPieceJson, wordPieceSpecials } from '../../src/data/text/word-piece.ts';

/** Words that decide, one list for each class, and words that do not. */
const telling = [
  ['good', 'bright', 'lovely'],
  ['bad', 'dull', 'awful'],
  ['plain', 'usual', 'fair'],
] as const;
const others = 'the film was a story of love and war with no end in sight it they saw him her house tree blue red one two'.split(
  ' ',
);

/** With the special ones as many words as the models of the fixtures know ids. */
const words = [...telling.flat(), ...others];
const ids = 50;

/** Class of a text by its one telling word; all texts are different, of 3 to 9 words. */
function texts(count: number): readonly (readonly [text: string, label: string])[] {
  return Array.from({ length: count }, (_, i) => {
    const label = i % telling.length;
    const rest = Array.from({ length: 2 + (i % 7) }, (_, k) => others[(i * 11 + k * (3 + (i % 5)) + k * k) % others.length]!);
    rest.splice(i % (rest.length + 1), 0, telling[label]![(i >> 2) % 3]!);
    return [rest.join(' '), ['good', 'bad', 'fair'][label]!];
  });
}

/** Writes `texts.tsv` and the folder `tokenizer` of 50 ids. */
export function writeTexts(root: string, count = 240): void {
  const rows = texts(count).map((row) => row.join('\t'));
  writeFileSync(join(root, 'texts.tsv'), ['text\tlabel', ...rows].join('\n'));
  const spare = Array.from({ length: ids - wordPieceSpecials.length - words.length }, (_, i) => `spare${i}`);
  mkdirSync(join(root, 'tokenizer'), { recursive: true });
  const json = JSON.stringify(wordPieceJson([...wordPieceSpecials, ...words, ...spare], true));
  writeFileSync(join(root, 'tokenizer', 'tokenizer.json'), json);
}

/** The data of a recipe that reads what `writeTexts` has written. */
export const textsIn = (root: string) => ({
  kind: 'text',
  path: join(root, 'texts.tsv'),
  text: 'text',
  label: 'label',
  length: 12,
  tokenizer: join(root, 'tokenizer'),
});
