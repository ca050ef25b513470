import { collectIssues } from '../error.ts';
import type { Records } from './records.ts';
import { readText } from './text.ts';

/** Columns of the records of a CoNLL file. */
export const conllColumns = { words: 'tokens', tags: 'ner_tags' } as const;

/** Marks the start of a document where a sentence would be. */
const documentStart = '-DOCSTART-';

/**
 * A CoNLL file (Tjong Kim Sang and De Meulder 2003) as records of a sentence each: a line a word, its cells apart by blanks or tabs,
 * the word in the first and the tag in the last of them, an empty line between sentences. Throws `DataError`.
 */
export async function readConll(path: string, maxBytes: number): Promise<Records> {
  const issues = collectIssues();
  const sentences: { readonly line: number; readonly words: string[]; readonly tags: string[] }[] = [];
  let open = false;
  const lines = (await readText(path, maxBytes)).toString('utf8').replace(/^\uFEFF/, '');
  lines.split(/\r?\n/).forEach((line, l) => {
    const cells = line.trim() === '' ? [] : line.trim().split(/[ \t]+/);
    if (cells.length === 0 || cells[0] === documentStart) {
      open = false;
      return;
    }
    if (cells.length === 1) {
      issues.add({
        where: `${path}, line ${l + 1}`,
        found: `only '${cells[0]!.slice(0, 40)}'`,
        expected: 'a word and its tag',
        fix: 'mend the line; sentences are apart by an empty one',
      });
      return;
    }
    if (!open) sentences.push({ line: l + 1, words: [], tags: [] });
    open = true;
    const { words, tags } = sentences.at(-1)!;
    words.push(cells[0]!);
    tags.push(cells.at(-1)!);
  });
  issues.check();
  return {
    name: path,
    header: Object.values(conllColumns),
    size: sentences.length,
    cell: (row, column) => (column === 0 ? sentences[row]!.words : sentences[row]!.tags),
    where: (row) => `${path}, line ${sentences[row]!.line}`,
  };
}
