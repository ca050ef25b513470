import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTypeOf } from '../../src/data/text/deployed-files.ts';
import { createTokenizer } from '../../src/data/text/tokenizer.ts';
import { parseTokenizer, readTokenizer, type TokenizerFiles } from '../../src/data/text/tokenizer-files.ts';
import { wordPieceJson, wordPieceSpecials } from '../../src/data/text/word-piece.ts';
import { failure, folderWith } from './fixture.ts';

const BERT = 'data/tokenizers/bert_uncased';

describe.skipIf(!existsSync(BERT))('the tokenizer of BERT (uncased)', async () => {
  const bert = existsSync(BERT) ? createTokenizer(await readTokenizer(BERT)) : null!;

  it('gives the published ids, whatever length its file fixes', () => {
    expect(bert.encode(['hello world'], 16)).toEqual({ ids: [101, 7592, 2088, 102], texts: [1, 1, 1, 1] });
    expect(bert.encode(['Hello, WORLD!'], 512).ids).toEqual([101, 7592, 1010, 2088, 999, 102]);
    expect(bert.encode(['word '.repeat(200)], 512).ids).toHaveLength(202);
    expect(bert.vocabulary).toBe(30_522);
    expect(bert.special).toEqual({ pad: 0, unknown: 100, first: 101, separator: 102, mask: 103 });
  });

  it('gives pairs in two segments', () => {
    expect(bert.encode(['hello', 'world'], 16)).toEqual({ ids: [101, 7592, 102, 2088, 102], texts: [1, 1, 1, 2, 2] });
    expect(bert.reserved(1)).toBe(2);
    expect(bert.reserved(2)).toBe(3);
  });

  it('cuts one text at its end, and of a pair the longer one first', () => {
    expect(bert.encode(['hello world hello'], 4).ids).toEqual([101, 7592, 2088, 102]);
    const [a, b] = ['hello '.repeat(10), 'world '.repeat(3)];
    const shares = (longest: number, texts: readonly string[]): number[] => {
      const { ids } = bert.encode(texts, longest);
      return [7592, 2088].map((id) => ids.filter((x) => x === id).length);
    };
    // The rule of Hugging Face's `longest_first`.
    expect(shares(16, [a, b])).toEqual([10, 3]);
    expect(shares(12, [a, b])).toEqual([6, 3]);
    expect(shares(8, [a, b])).toEqual([3, 2]);
    expect(shares(6, [a, a]).slice(0, 1)).toEqual([3]);
    expect(shares(5, [b, a])).toEqual([1, 1]);
    expect(shares(8, ['hello '.repeat(9), 'world '.repeat(9)])).toEqual([2, 3]);
  });

  it('keeps special tokens, lengths and ids in their bounds for any texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, fc.option(text), fc.integer({ min: 5, max: 24 }), (a, b, longest) => {
        const { ids, texts } = bert.encode(b === null ? [a] : [a, b], longest);
        expect(ids.length).toBeLessThanOrEqual(longest);
        expect(texts).toHaveLength(ids.length);
        expect([ids[0], ids.at(-1)]).toEqual([101, 102]);
        expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < bert.vocabulary)).toBe(true);
        expect(new Set(texts).size).toBe(b === null ? 1 : 2);
      }),
      { numRuns: 200 },
    );
  });

  it('is put beside a model without fixed lengths, with the model’s longest one', () => {
    const { files } = textTypeOf(bert, 64);
    expect(JSON.parse(files['tokenizer.json']!)).toMatchObject({ truncation: null, padding: null });
    expect(JSON.parse(files['tokenizer_config.json']!)).toMatchObject({
      tokenizer_class: 'BertTokenizer',
      model_max_length: 64,
      pad_token: '[PAD]',
      mask_token: '[MASK]',
    });
    const again: TokenizerFiles = {
      where: 'again',
      json: parseTokenizer(JSON.parse(files['tokenizer.json']!), 'again'),
      config: JSON.parse(files['tokenizer_config.json']!),
    };
    expect(createTokenizer(again).encode(['hello world'], 9)).toEqual(bert.encode(['hello world'], 9));
  });
});

const pieces = [...wordPieceSpecials, 'un', '##able', '##happy', 'happy', 'a', '##b'];

describe('a tokenizer', () => {
  const json = wordPieceJson(pieces, true);
  const made = (change: object = {}, config: Record<string, unknown> = {}) =>
    createTokenizer({ where: 't.json', json: parseTokenizer({ ...json, ...change }, 't.json'), config });

  it('takes the longest pieces first, and one unknown token for a word that has none', () => {
    expect(made().encode(['Unhappy xyz ab'], 20).ids).toEqual([2, 5, 7, 1, 9, 10, 3]);
    expect(made().decode([2, 5, 7, 9, 10, 3])).toBe('unhappy ab');
  });

  it('counts tokens that were added behind the vocabulary', () => {
    const added = [...json.added_tokens, { id: 40, content: '[NEW]', special: true }];
    const tokenizer = made({ added_tokens: added });
    expect(tokenizer.vocabulary).toBe(41);
    expect(tokenizer.encode(['a [NEW]'], 9).ids).toEqual([2, 9, 40, 3]);
  });

  it('finds special tokens by its configuration, and pads with 0 where there is no token for it', () => {
    const bare = made(
      { added_tokens: [], post_processor: null, padding: null },
      { mask_token: { content: 'un' }, cls_token: 'happy' },
    );
    expect(bare.special).toMatchObject({ mask: 5, first: 8, separator: 3, unknown: 1 });
    const edged = { type: 'RobertaProcessing', cls: ['happy', 8], sep: ['un', 5] };
    expect(made({ post_processor: edged }).special).toMatchObject({ first: 8, separator: 5 });
    const vocab = { x: 0, y: 1 };
    const plain = made({ added_tokens: [], post_processor: null, model: { ...json.model, vocab, unk_token: 'y' } });
    expect(plain.special).toEqual({ pad: 0, unknown: 1, first: null, separator: null, mask: null });
    expect(JSON.parse(textTypeOf(plain, 8).files['tokenizer_config.json']!)).toMatchObject({ pad_token: 'x' });
  });

  it('cannot join two texts where its file does not say how', () => {
    const alone = made({ post_processor: { ...json.post_processor, pair: [{ Sequence: { id: 'A', type_id: 0 } }] } });
    expect(() => alone.reserved(2)).toThrow(/t\.json, post_processor: no template for two texts/);
    expect(made({ post_processor: null }).encode(['a', 'a'], 4)).toEqual({ ids: [9, 9], texts: [1, 1] });
  });

  it.each<[string, object, RegExp]>([
    ['a kind of model that is unknown', { model: { type: 'Magic', vocab: {} } }, /t\.json, model, type: /],
    ['a normalizer that is unknown', { normalizer: { type: 'Magic' } }, /t\.json: .*Magic; expected a tokenizer that/],
    ['an id below 0', { model: { type: 'WordPiece', vocab: { a: -1 } } }, /t\.json, model, vocab/],
    ['an id that float32 cannot hold', { added_tokens: [{ id: 2 ** 24, content: 'x' }] }, /t\.json, added_tokens, 0, id/],
    ['no model', { model: null }, /t\.json, model/],
    [
      'a template with a token that is not there',
      { post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[ABC]', 2] } },
      /post_processor: '\[ABC\]', which is not in the vocabulary/,
    ],
    [
      'a third segment',
      {
        post_processor: {
          type: 'TemplateProcessing',
          single: [{ Sequence: { id: 'A', type_id: 2 } }],
          pair: [],
          special_tokens: {},
        },
      },
      /segment 2/,
    ],
  ])('is refused with %s', (_, change, message) => {
    expect(() => made(change)).toThrow(message);
  });

  it('says which character it has no id for', () => {
    const none = made({ added_tokens: [], post_processor: null, model: { ...json.model, vocab: { a: 0 }, unk_token: '[UNK]' } });
    expect(() => none.encode(['a z'], 5)).toThrow(/no id for '\[UNK\]', a part of 'a z'/);
  });

  it('is read from a folder, from a file, or from a vocab.txt', async () => {
    const folder = folderWith({
      'a/tokenizer.json': JSON.stringify(json),
      'a/tokenizer_config.json': JSON.stringify({ model_max_length: 512 }),
      'b/vocab.txt': `${pieces.join('\n')}\n`,
      'b/tokenizer_config.json': JSON.stringify({ do_lower_case: false }),
    });
    for (const path of ['a', 'a/tokenizer.json', 'b']) {
      expect(createTokenizer(await readTokenizer(`${folder}/${path}`)).encode(['unhappy'], 9).ids).toEqual([2, 5, 7, 3]);
    }
    const cased = createTokenizer(await readTokenizer(`${folder}/b`));
    expect(cased.encode(['Unhappy'], 9).ids).toEqual([2, 1, 3]);
  });

  it.each<[string, Record<string, Uint8Array | string>, string, RegExp]>([
    ['missing', {}, 'x', /there is no such file or folder/],
    ['empty', { 'x/readme': '' }, 'x', /no tokenizer\.json among readme/],
    ['binary', { 'x/tokenizer.json': Uint8Array.of(0, 255, 3) }, 'x', /tokenizer\.json: .*expected JSON/],
    ['a list', { 'x/tokenizer.json': '[1]' }, 'x', /expected a tokenizer\.json of Hugging Face/],
    ['cut off', { 'x/tokenizer.json': JSON.stringify(wordPieceJson(pieces, true)).slice(0, 900) }, 'x', /expected JSON/],
    ['with a broken configuration', { 'x/tokenizer.json': '{}', 'x/tokenizer_config.json': '3' }, 'x', /no JSON object/],
  ])('that is %s ends in a DataError', async (_, files, path, message) => {
    const error = await failure(readTokenizer(`${folderWith(files)}/${path}`));
    expect(error.message).toMatch(message);
    expect(error.fault).toBe('data');
  });
});
