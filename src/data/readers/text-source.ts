import { type Dataset, plainTarget, plainVector, writeOneHot } from '../dataset.ts';
import { collectIssues, DataError, type Issues } from '../error.ts';
import type { Source } from '../source.ts';
import { standardise } from '../standardise.ts';
import { textTypeOf } from '../text/deployed-files.ts';
import { learnVocabulary } from '../text/learn-vocabulary.ts';
import { packTokens, tokenDataset } from '../text/token-dataset.ts';
import { createTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import { distinctNames } from './columns.ts';
import { fingerprint, fingerprintWords } from './fingerprint.ts';
import type { Records } from './records.ts';
import { findTextColumns, has, type TextColumns, textIn } from './text-columns.ts';
import { classesOf, type TextClasses } from './text-labels.ts';
import type { TextOptions } from './text-options.ts';

/** The texts of an example by column, as reports show them. */
type TextRow = Readonly<Record<string, string>>;

/** One file of a part with the places of its columns. */
interface TextFile {
  readonly records: Records;
  readonly columns: TextColumns;
}

/** An example before its texts are tokens. */
interface Example {
  readonly row: TextRow;
  readonly label: number;
  readonly targets: readonly number[];
}

/** What is the same in all parts. */
interface Plan {
  readonly options: TextOptions;
  /** Names of the text columns, and of the numbers to predict. */
  readonly names: readonly string[];
  readonly targets: readonly string[];
  readonly classes: TextClasses | null;
  /** Where a row came from. */
  readonly origins: WeakMap<TextRow, string>;
}

/**
 * Texts of files as a source. Ids are made when the split is known, so that a vocabulary is learnt from the train split alone;
 * until then an example is the fingerprint of its texts, by which the split keeps copies together (capitals, accents' forms and
 * blanks at the ends do not count). Without `tokenizer` a vocabulary is learnt. Throws `DataError`.
 */
export function textSource(
  parts: { readonly train: readonly Records[]; readonly test: readonly Records[]; readonly validation: readonly Records[] },
  options: TextOptions,
  tokenizer: Tokenizer | null,
): Source {
  const issues = collectIssues();
  const { label } = options;
  if (label !== undefined && options.targets !== undefined) {
    const fix = '`label` is for classes, `targets` for numbers';
    issues.add({ where: 'data', found: 'both `label` and `targets`', expected: 'one of them', fix });
  }
  // Of several train files some may be without labels; a column that none has is a mistake.
  const someLabelled = label !== undefined && parts.train.some((records) => has(records, label));
  const locate = (records: Records, inTrain: boolean): TextFile => {
    if (records.size === 0) issues.add({ where: records.name, found: 'no rows', expected: 'at least one' });
    return { records, columns: findTextColumns(records, options, inTrain && someLabelled, issues) };
  };
  const train = parts.train.map((records) => locate(records, true));
  const [test, validation] = [parts.test, parts.validation].map((part) => part.map((records) => locate(records, false)));
  issues.check();
  const { records, columns } = train[0]!;
  if (new Set(columns.texts).size < columns.texts.length) {
    const fix = 'name the column of the second text in `pair`';
    issues.add({ where: 'data.pair', found: 'the same column as `text`', expected: 'another one', fix });
  }
  const plan: Plan = {
    options,
    names: columns.texts.map((c) => distinctNames(records.header)[c]!),
    targets: columns.targets.map((c) => records.header[c]!),
    classes: label === undefined ? null : classesOf(train.flatMap(labelCells), options.classes, issues),
    origins: new WeakMap(),
  };
  issues.check();
  const build = (files: readonly TextFile[], name: string): Dataset | null =>
    files.length === 0
      ? null
      : rawDataset(
          name,
          files.flatMap((file) => examplesIn(file, plan, issues)),
          plan,
        );
  const source = { train: build(train, 'train')!, test: build(test!, 'test'), validation: build(validation!, 'validation') };
  issues.check();
  return { ...source, fit: (split) => tokenView(split, tokenizer, plan) };
}

function* rowsOf(records: Records): Generator<number> {
  for (let r = 0; r < records.size; r++) yield r;
}

const labelCells = ({ records, columns: { label } }: TextFile): readonly unknown[] =>
  label === null ? [] : [...rowsOf(records)].map((r) => records.cell(r, label));

function examplesIn({ records, columns }: TextFile, plan: Plan, issues: Issues): readonly Example[] {
  const { empty } = plan.options;
  return [...rowsOf(records)].flatMap((r): Example[] => {
    const wrong = (column: number, found: string, expected: string, fix: string): void =>
      issues.add({ where: `${records.where(r)}, column '${records.header[column]}'`, found, expected, fix });
    const texts = columns.texts.map((c) => {
      const text = textIn(records.cell(r, c));
      if (text === null) wrong(c, 'a list or an object', 'a text', 'name another column in `text` or `pair`');
      else if (empty === 'error' && text.trim() === '') {
        wrong(c, 'the text is empty', 'a text', 'fill it, or set `empty: drop` to leave such rows out');
      }
      return text ?? '';
    });
    if (empty === 'drop' && texts.some((text) => text.trim() === '')) return [];
    const targets = columns.targets.map((c) => {
      const cell = textIn(records.cell(r, c))?.trim();
      const value = cell ? Number(cell) : Number.NaN;
      if (!Number.isFinite(Math.fround(value))) {
        wrong(
          c,
          cell ? `'${cell.slice(0, 40)}'` : 'the cell is empty',
          'a number that float32 can hold',
          'mend the cell or leave out the row',
        );
      }
      return value;
    });
    let label = -1;
    if (columns.label !== null && plan.classes) {
      const found = plan.classes.indexOf(records.cell(r, columns.label));
      if (found === undefined) {
        const cell = textIn(records.cell(r, columns.label));
        const known = plan.classes.names.slice(0, 20).join(', ');
        wrong(columns.label, `class '${cell ?? 'a list'}'`, `one of ${known}`, 'mend it, or list it in `classes`');
      } else label = found;
    }
    const row = Object.fromEntries(texts.map((text, t) => [plan.names[t]!, text]));
    plan.origins.set(row, records.where(r));
    return [{ row, label, targets }];
  });
}

const textsIn = (row: ReturnType<Dataset['row']>, { names }: Plan): readonly string[] => names.map((name) => String(row![name]));

function rawDataset(name: string, examples: readonly Example[], plan: Plan): Dataset {
  const { classes, targets } = plan;
  return {
    name,
    size: examples.length,
    example: plainVector(fingerprintWords),
    classes: classes?.names ?? null,
    targets: targets.map(plainTarget),
    read: (i, out, offset) => out.set(fingerprint(textsIn(examples[i]!.row, plan)), offset),
    label: (i) => examples[i]!.label,
    target(i, out, offset) {
      if (classes) writeOneHot(examples[i]!.label, classes.names.length, out, offset);
      else out.set(examples[i]!.targets, offset);
    },
    row: (i) => examples[i]!.row,
  };
}

/** Opens or learns the tokenizer, and says how a part is seen through it. */
function tokenView(train: Dataset, given: Tokenizer | null, plan: Plan): (part: Dataset) => Dataset {
  const { names, origins } = plan;
  const { length, tokenizer } = plan.options;
  const textsOf = (part: Dataset, i: number): readonly string[] => textsIn(part.row(i), plan);
  const all = function* (): Generator<string> {
    for (let i = 0; i < train.size; i++) yield* textsOf(train, i);
  };
  const encoder = given ?? createTokenizer(learnVocabulary(all(), tokenizer as Exclude<typeof tokenizer, string>));
  const least = encoder.reserved(names.length) + names.length;
  if (length < least) {
    throw new DataError({
      where: 'data.length',
      found: String(length),
      expected: `at least ${least}: ${least - names.length} special tokens and a token a text`,
      fix: 'raise `length`',
    });
  }
  const type = textTypeOf(encoder, length);
  const scaled = train.targets.length > 0 ? standardise(train, []) : (part: Dataset): Dataset => part;
  return (part) => {
    const rows = packTokens(part.size, (i) => {
      const encoded = encoder.encode(textsOf(part, i), length);
      if (encoded.ids.length > 0) return encoded;
      throw new DataError({
        where: origins.get(part.row(i) as TextRow) ?? part.name,
        found: 'a text of which the tokenizer leaves nothing',
        expected: 'at least one token',
        fix: 'leave out the row, or set `empty: drop`',
      });
    });
    return tokenDataset(rows, type, length, scaled(part));
  };
}
