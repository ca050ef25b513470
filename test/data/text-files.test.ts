import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { unscale } from '../../src/data/dataset.ts';
import { wordPieceJson, wordPieceSpecials } from '../../src/data/text/word-piece.ts';
import { failure, folderWith, load } from './fixture.ts';
import { sentences, tokensOf } from './text-fixture.ts';

const texts = sentences(40);
const rows = texts.map((sentence, i) => ({ sentence, label: i % 2 }));
const tsv = ['sentence\tlabel', ...rows.map((r) => `${r.sentence}\t${r.label}`)].join('\n');
const jsonl = (list: readonly object[]): string => list.map((row) => JSON.stringify(row)).join('\n');
const options = { kind: 'text', text: 'sentence', label: 'label', tokenizer: { size: 200 }, length: 16 };
const parquet = (columns: Record<string, unknown[]>): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data })),
    }),
  );

describe('texts', () => {
  const files = {
    'a.tsv': tsv,
    'a.tsv.gz': gzipSync(tsv),
    'a.csv': ['sentence,label', ...rows.map((r) => `"${r.sentence}",${r.label}`)].join('\n'),
    'a.jsonl': jsonl(rows),
    'a.jsonl.gz': gzipSync(jsonl(rows)),
    'a.parquet': parquet({ other: rows.map((_, i) => `${i}`), sentence: texts, label: rows.map((r) => BigInt(r.label)) }),
  };

  it('are the same examples in every format', async () => {
    const folder = folderWith(files);
    const seen = await Promise.all(
      Object.keys(files).map(async (path) => {
        const { train, validation, test } = await load({ ...options, path }, folder);
        return [train, validation, test].map((part) =>
          Array.from({ length: part.size }, (_, i) => [part.row(i), part.label(i), tokensOf(part, i)]),
        );
      }),
    );
    expect(seen[0]!.flat()).toHaveLength(40);
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });

  it('are ids and segments in rows of the asked width, padded behind', async () => {
    const { train } = await load({ ...options, path: 'a.tsv' }, folderWith(files));
    expect(train.example).toMatchObject({ layout: 'tokens', shape: [2, 16], text: { vocabulary: expect.any(Number) } });
    expect(train.classes).toEqual(['0', '1']);
    const { text } = train.example as Extract<typeof train.example, { layout: 'tokens' }>;
    for (let i = 0; i < train.size; i++) {
      const length = train.length!(i);
      const out = new Float32Array(2 * (length + 2) + 2).fill(-1);
      train.read(i, out, 1, length + 2);
      const { ids } = tokensOf(train, i);
      expect([...out.subarray(1, 1 + length)]).toEqual(ids);
      expect(ids.every((id) => id < text.vocabulary)).toBe(true);
      expect([ids[0], ids.at(-1)]).toEqual([text.special.first, text.special.separator]);
      expect([...out.subarray(1 + length, 3 + length)]).toEqual([text.special.pad, text.special.pad]);
      expect([...out.subarray(3 + length, 5 + 2 * length)]).toEqual([...ids.map(() => 1), 0, 0]);
      expect([out[0], out.at(-1)]).toEqual([-1, -1]);
      expect(train.row(i)).toEqual({ sentence: expect.stringMatching(/number\d+$/) });
    }
    expect(() => train.read(0, new Float32Array(4), 0, 2)).toThrow(/^internal: example 0 of 'train' has \d+ tokens/);
  });

  it('give their vocabulary from the train split alone', async () => {
    const { train, test, validation } = await load({ ...options, path: 'a.tsv', test: 0.3 }, folderWith(files));
    const held = [test, validation].flatMap((part) =>
      Array.from({ length: part.size }, (_, i) => part.row(i)!.sentence as string),
    );
    const numbers = held.map((s) => [...s.split('number')[1]!]);
    expect(numbers.length).toBeGreaterThan(8);
    const { text } = train.example as Extract<typeof train.example, { layout: 'tokens' }>;
    const odd = ['sentence\tlabel', ...rows.map((r, i) => `${r.sentence}${i === 7 ? ' ж'.repeat(9) : ''}\t${r.label}`)].join(
      '\n',
    );
    const folder = folderWith({ 'a.tsv': odd, 'test.tsv': `sentence\tlabel\n${'ж '.repeat(9)}\t1\n` });
    const own = await load({ ...options, path: 'a.tsv', testPath: 'test.tsv' }, folder);
    const vocab = (part: typeof train): string => (part.example as { text: typeof text }).text.files['tokenizer.json']!;
    expect(vocab(train)).not.toContain('ж');
    const seventh = Array.from({ length: own.validation.size }, (_, i) => own.validation.row(i)!.sentence).includes(
      odd.split('\n')[8]!.split('\t')[0],
    );
    expect(vocab(own.train).includes('ж')).toBe(!seventh);
    expect(vocab(own.train)).toBe(vocab(own.test));
  });

  it('stay together with copies that differ in capitals and blanks', async () => {
    const body = texts.flatMap((s, i) => [`${s}\t${i % 2}`, `${s.toUpperCase()} \t${i % 2}`]);
    const { train, test, validation } = await load(
      { ...options, path: 'a.tsv', test: 0.3 },
      folderWith({ 'a.tsv': ['sentence\tlabel', ...body].join('\n') }),
    );
    const of = (part: typeof train): Set<string> =>
      new Set(Array.from({ length: part.size }, (_, i) => String(part.row(i)!.sentence).toLowerCase().trim()));
    expect(of(train).size + of(test).size + of(validation).size).toBe(40);
  });

  it('are cut to `length`, and pairs are in two segments in the order of `text` and `pair`', async () => {
    const body = texts.map((s, i) => `${i % 2}\t${s}\t${'long '.repeat(30)}`).join('\n');
    const folder = folderWith({ 'a.tsv': body });
    const { train } = await load({ ...options, path: 'a.tsv', header: false, text: 2, pair: 1, label: 0, length: 20 }, folder);
    const { ids, texts: segments } = tokensOf(train, 0);
    expect(ids).toHaveLength(20);
    const second = segments.indexOf(2);
    expect(segments.filter((s) => s === 1)).toHaveLength(second);
    expect(new Set(ids.slice(1, second - 1)).size).toBe(1);
    expect(Object.keys(train.row(0)!)).toEqual(['1', '2']);
  });

  it('have classes by name, by number with names, and none', async () => {
    const folder = folderWith({ 'a.tsv': tsv, 'b.jsonl': jsonl(rows.map((r) => ({ ...r, label: r.label ? 'good' : 'bad' }))) });
    expect((await load({ ...options, path: 'b.jsonl' }, folder)).train.classes).toEqual(['bad', 'good']);
    const named = await load({ ...options, path: 'a.tsv', classes: ['negative', 'positive'] }, folder);
    expect(named.train.classes).toEqual(['negative', 'positive']);
    for (let i = 0; i < named.train.size; i++) {
      const at = texts.indexOf(named.train.row(i)!.sentence as string);
      expect(named.train.label(i)).toBe(at % 2);
    }
    const none = await load({ ...options, path: 'a.tsv', label: undefined }, folder);
    expect([none.train.classes, none.train.label(0), none.train.targets]).toEqual([null, -1, []]);
  });

  it('have numbers to predict, standardised by the train split', async () => {
    const body = jsonl(texts.map((text, i) => ({ text, other: `${text} too`, score: i / 10 })));
    const { train, test } = await load(
      { kind: 'text', path: 'a.jsonl', pair: 'other', targets: ['score'], tokenizer: { size: 200 } },
      folderWith({ 'a.jsonl': body }),
    );
    const values = Array.from({ length: train.size }, (_, i) => {
      const out = new Float32Array(1);
      train.target(i, out, 0);
      expect(unscale(train.targets[0]!, out[0]!)).toBeCloseTo(texts.indexOf(train.row(i)!.text as string) / 10, 4);
      return out[0]!;
    });
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(0, 5);
    expect(test.targets).toEqual(train.targets);
  });

  it('come from several files, some without labels, and from lines of plain text', async () => {
    const folder = folderWith({
      'a.tsv': tsv,
      'more.jsonl': jsonl(
        sentences(60)
          .slice(40)
          .map((sentence) => ({ sentence })),
      ),
    });
    const { train, validation, test } = await load({ ...options, path: ['a.tsv', 'more.jsonl'] }, folder);
    expect(train.size + validation.size + test.size).toBe(60);
    expect(Array.from({ length: train.size }, (_, i) => train.label(i)).filter((l) => l === -1)).toHaveLength(20);
    const lines = await load(
      { kind: 'text', path: 'a.txt', tokenizer: { size: 200 } },
      folderWith({ 'a.txt': texts.join('\n') }),
    );
    expect(lines.train.row(0)).toEqual({ text: expect.any(String) });
  });

  it('may hold quotes in TSV, which mean nothing there', async () => {
    const folder = folderWith({ 'a.tsv': `${tsv}\n"half a quote and "more\t1` });
    const { train, validation, test } = await load({ ...options, path: 'a.tsv' }, folder);
    const all = [train, validation, test].flatMap((part) => Array.from({ length: part.size }, (_, i) => part.row(i)!.sentence));
    expect(all).toContain('"half a quote and "more');
  });

  it('leave out or keep empty ones on request', async () => {
    const folder = folderWith({ 'a.tsv': `${tsv}\n \t1\n`, 'b.jsonl': jsonl([...rows, { sentence: '', label: 1 }]) });
    const sizes = async (empty: string): Promise<number> => {
      const { train, validation, test } = await load({ ...options, path: 'b.jsonl', empty }, folder);
      return train.size + validation.size + test.size;
    };
    expect([await sizes('drop'), await sizes('keep')]).toEqual([40, 41]);
  });
});

describe('what is wrong with texts', () => {
  const error = async (files: Record<string, Uint8Array | string>, more: object = {}): Promise<string> =>
    (await failure(load({ ...options, path: Object.keys(files)[0], ...more }, folderWith(files)))).message;

  it('is told of empty texts and of strange labels, all at once, with their lines', async () => {
    const message = await error(
      { 'a.tsv': `${tsv}\n\t1\n  \t0\n`, 'test.tsv': 'sentence\tlabel\nfine\t1\nodd\t7\nodd\tx\n' },
      { testPath: 'test.tsv' },
    );
    expect(message).toMatch(/a\.tsv, line 42, column 'sentence': the text is empty; expected a text/);
    expect(message).toMatch(/a\.tsv, line 43, column 'sentence': the text is empty/);
    expect(message).toMatch(/test\.tsv, line 3, column 'label': class '7'; expected one of 0, 1/);
    expect(message).toMatch(/test\.tsv, line 4, column 'label': class 'x'/);
  });

  it.each<[string, Record<string, Uint8Array | string>, object, RegExp]>([
    ['a column that is not there', { 'a.tsv': tsv }, { text: 'sentense' }, /no column 'sentense' .* such as 'sentence'/],
    ['a label column that no file has', { 'a.tsv': tsv }, { label: 'labels' }, /no column 'labels' .* such as 'label'/],
    ['one class only', { 'a.tsv': `sentence\tlabel\n${texts.map((t) => `${t}\t1`).join('\n')}` }, {}, /only the class '1'/],
    ['a binary file', { 'a.tsv': Uint8Array.of(1, 0, 2, 255) }, {}, /a NUL byte/],
    ['no Parquet', { 'a.parquet': 'PAR1 hello PAR1' }, {}, /a\.parquet: .*; expected a Parquet file/],
    ['an unknown ending', { 'a.xyz': tsv }, {}, /set `format`/],
    ['an empty file', { 'a.tsv': '' }, {}, /a\.tsv: (no rows|no column)/],
    ['no such file', { 'a.tsv': tsv }, { path: 'b.tsv' }, /there is no such file/],
    ['no such tokenizer', { 'a.tsv': tsv }, { tokenizer: 'tokens' }, /tokens: there is no such file or folder/],
    ['a row that is too short', { 'a.tsv': `${tsv}\nonly` }, {}, /line 42: 1 cells; expected 2/],
    ['a list where a text is', { 'a.jsonl': jsonl([{ sentence: ['x'], label: 0 }, ...rows]) }, {}, /line 1.*a list or an object/],
    ['JSON that is none', { 'a.jsonl': `${jsonl(rows)}\n{"sentence": ` }, {}, /a\.jsonl, line 41: /],
    ['the same column twice', { 'a.tsv': tsv }, { pair: 'sentence' }, /data\.pair: the same column/],
    ['label and targets', { 'a.tsv': tsv }, { targets: ['label'] }, /both `label` and `targets`/],
    [
      'no number to predict',
      { 'a.tsv': tsv },
      { label: undefined, targets: ['sentence'] },
      /line 2, column 'sentence': '.*a number/,
    ],
    ['no room for the special tokens', { 'a.tsv': tsv }, { length: 2 }, /data\.length: 2; expected at least 3/],
    ['the Hub without a cache', { 'a.tsv': tsv }, { tokenizer: 'hf:a/b' }, /data\.tokenizer: 'hf:a\/b', and no folder/],
  ])('is told: %s', async (_, files, more, expected) => {
    const message = await error(files, more);
    expect(message).toMatch(expected);
    expect(message).not.toMatch(/internal|undefined/);
  });

  it('is told of a text of which nothing is left, where the tokenizer adds nothing', async () => {
    const json = { ...wordPieceJson([...wordPieceSpecials, 'a'], true), post_processor: null };
    const files = { 'a.tsv': `${tsv}\n\u200b\t1\n`, 'tokenizer.json': JSON.stringify(json) };
    expect(await error(files, { tokenizer: 'tokenizer.json' })).toMatch(
      /a\.tsv, line 42: a text of which the tokenizer leaves nothing/,
    );
  });

  it('ends in a DataError for any damage to a Parquet file', async () => {
    const whole = parquet({ sentence: texts, label: rows.map((r) => String(r.label)) });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (at, byte, cut) => {
        const damaged = Uint8Array.from(whole);
        damaged[at] = byte;
        const folder = folderWith({ 'a.parquet': damaged.subarray(0, cut < 40 ? cut : whole.length) });
        const end = await load({ ...options, path: 'a.parquet' }, folder).then(
          () => null,
          (e: unknown) => e,
        );
        if (end !== null) expect((end as Error).name).toBe('DataError');
      }),
      { numRuns: 60, examples: [[613, 131, 40]] },
    );
  });
});

const SST2 = 'data/sst2';
describe.skipIf(!existsSync(SST2))('SST-2 through the tokenizer of BERT', () => {
  it('has its published sizes', async () => {
    const { train, validation, test } = await load({
      kind: 'text',
      path: join(SST2, 'sentences_train.tsv'),
      validationPath: join(SST2, 'sentences_dev.tsv'),
      testPath: join(SST2, 'sentences_test.tsv'),
      text: 'sentence',
      label: 'label',
      classes: ['negative', 'positive'],
      tokenizer: 'data/tokenizers/bert_uncased',
      length: 64,
    });
    expect([validation.size, test.size]).toEqual([872, 1821]);
    expect(train.size).toBeGreaterThan(6900);
    expect(train.example.shape).toEqual([2, 64]);
    expect(test.row(0)).toEqual({ sentence: expect.any(String) });
  });
});
