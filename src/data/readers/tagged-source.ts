import { type Dataset, plainVector } from '../dataset.ts';
import { collectIssues, DataError, type Issues } from '../error.ts';
import type { Source } from '../source.ts';
import { textTypeOf } from '../text/deployed-files.ts';
import { learnVocabulary, type VocabularyOptions } from '../text/learn-vocabulary.ts';
import { packTokens, tokenDataset } from '../text/token-dataset.ts';
import { createTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { type ColumnRef, findColumns } from './columns.ts';
import { fingerprint, fingerprintWords } from './fingerprint.ts';
import type { Records } from './records.ts';
import { has, textIn } from './text-columns.ts';
import { classesOf, type TextClasses } from './text-labels.ts';

export interface TaggedOptions {
  readonly words: ColumnRef;
  readonly tags: ColumnRef;
  readonly classes?: readonly string[] | undefined;
  readonly tokenizer: string | VocabularyOptions;
  readonly length: number;
}

/** A text before its words are tokens. */
interface Sentence {
  readonly words: readonly string[];
  /** Class of each word, −1 where it has none. */
  readonly tags: readonly number[];
  readonly where: string;
}

type Row = Readonly<Record<string, string>>;

/**
 * Texts with a tag for each word as a source. The first token of a word has its tag, the others none; words beyond the longest length
 * are cut off. Throws `DataError`.
 */
export function taggedSource(
  parts: { readonly train: readonly Records[]; readonly test: readonly Records[]; readonly validation: readonly Records[] },
  options: TaggedOptions,
  tokenizer: Tokenizer | null,
): Source {
  const issues = collectIssues();
  const cells = parts.train.flatMap((records) => listsIn(records, options, issues));
  issues.check();
  const classes = classesOf(
    cells.flatMap(({ tags }) => tags),
    options.classes,
    issues,
  );
  issues.check();
  const sentences = new WeakMap<Row, Sentence>();
  const build = (files: readonly Records[], name: string): Dataset | null => {
    if (files.length === 0) return null;
    const rows = files.flatMap((records) => listsIn(records, options, issues).map((lists) => sentenceOf(lists, classes, issues)));
    return rawDataset(name, rows, sentences);
  };
  const source = {
    train: build(parts.train, 'train')!,
    test: build(parts.test, 'test'),
    validation: build(parts.validation, 'validation'),
  };
  issues.check();
  return { ...source, fit: (train) => tokenView(train, { tokenizer, options, classes: classes.names, sentences }) };
}

interface Lists {
  readonly words: readonly unknown[];
  readonly tags: readonly unknown[];
  readonly where: string;
}

/** The lists of each row, of equal length. */
function listsIn(records: Records, { words, tags }: TaggedOptions, issues: Issues): readonly Lists[] {
  const missing = (
    [
      ['words', words],
      ['tags', tags],
    ] as const
  ).filter(([, ref]) => !has(records, ref));
  for (const [option, ref] of missing) {
    issues.add({
      where: records.name,
      found: `no column '${ref}' (data.${option}) among ${records.header.join(', ')}`,
      expected: 'a column with a list for each text',
      fix: `set \`${option}\` to its name`,
    });
  }
  if (missing.length > 0) return [];
  const [w, t] = [words, tags].map((ref) => findColumns(ref, records.header, 'data', issues)[0]!) as [number, number];
  return Array.from({ length: records.size }, (_, r) => r).flatMap((r) => {
    const [ours, theirs] = [records.cell(r, w), records.cell(r, t)].map(listOf);
    if (ours && theirs && ours.length === theirs.length && ours.length > 0) {
      return [{ words: ours, tags: theirs, where: records.where(r) }];
    }
    const said = (list: readonly unknown[] | null | undefined): string => (list ? String(list.length) : 'no list');
    issues.add({
      where: records.where(r),
      found: `words: ${said(ours)}, tags: ${said(theirs)}`,
      expected: 'lists of equal length with at least one word',
      fix: 'mend the row, or leave it out',
    });
    return [];
  });
}

const listOf = (cell: unknown): readonly unknown[] | null => {
  if (Array.isArray(cell)) return cell;
  return ArrayBuffer.isView(cell) && !(cell instanceof DataView) ? Array.from(cell as Int32Array) : null;
};

function sentenceOf({ words, tags, where }: Lists, classes: TextClasses, issues: Issues): Sentence {
  const texts = words.map((word, k) => {
    const text = textIn(word);
    if (text === null) issues.add({ where, found: `word ${k + 1} is no text`, expected: 'a text', fix: 'mend the row' });
    return text ?? '';
  });
  const found = tags.map((tag, k) => {
    const index = classes.indexOf(tag);
    if (index === undefined) {
      issues.add({
        where,
        found: `tag '${textIn(tag) ?? 'a list'}' of word ${k + 1}`,
        expected: `one of ${classes.names.slice(0, 20).join(', ')}`,
        fix: 'mend it, or list all tags in `classes`',
      });
    }
    return index ?? -1;
  });
  return { words: texts, tags: found, where };
}

function rawDataset(name: string, all: readonly Sentence[], sentences: WeakMap<Row, Sentence>): Dataset {
  const rows = all.map((sentence): Row => {
    const row = { text: sentence.words.join(' ') };
    sentences.set(row, sentence);
    return row;
  });
  return {
    name,
    size: all.length,
    example: plainVector(fingerprintWords),
    classes: null,
    targets: [],
    read: (i, out, offset) => out.set(fingerprint([rows[i]!.text!]), offset),
    label: () => -1,
    target: () => {},
    row: (i) => rows[i]!,
  };
}

interface View {
  readonly tokenizer: Tokenizer | null;
  readonly options: TaggedOptions;
  readonly classes: readonly string[];
  readonly sentences: WeakMap<Row, Sentence>;
}

function tokenView(train: Dataset, { tokenizer, options, classes, sentences }: View): (part: Dataset) => Dataset {
  const sentenceAt = (part: Dataset, i: number): Sentence => sentences.get(part.row(i) as Row)!;
  const all = function* (): Generator<string> {
    for (let i = 0; i < train.size; i++) yield String(train.row(i)!.text);
  };
  const encoder = tokenizer ?? createTokenizer(learnVocabulary(all(), options.tokenizer as VocabularyOptions));
  const { length: longest } = options;
  if (longest <= encoder.reserved(1)) {
    throw new DataError({
      where: 'data.length',
      found: String(longest),
      expected: `at least ${encoder.reserved(1) + 1}: special tokens and a token of the text`,
      fix: 'raise `length`',
    });
  }
  const type = textTypeOf(encoder, longest);
  return (part) => {
    // For each token 1 + its class, 0 where it has none.
    const answers: Float32Array[] = [];
    const rows = packTokens(part.size, (i) => {
      const { words, tags, where } = sentenceAt(part, i);
      const { firsts, ...encoded } = encoder.encodeWords(words, longest);
      if (firsts.every((at) => at < 0)) {
        throw new DataError({
          where,
          found: 'words of which the tokenizer leaves nothing',
          expected: 'at least one token',
          fix: 'leave out the row',
        });
      }
      const own = new Float32Array(longest);
      firsts.forEach((at, k) => {
        if (at >= 0) own[at] = tags[k]! + 1;
      });
      answers[i] = own.slice(0, encoded.ids.length);
      return encoded;
    });
    const target = (i: number, out: Float32Array, offset: number): void => {
      out.fill(0, offset, offset + longest);
      out.set(answers[i]!, offset);
    };
    return { ...tokenDataset(rows, type, longest, { ...part, classes, target }), tagged: true };
  };
}
