import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTypeOf } from '../../src/data/text/deployed-files.ts';
import { learnVocabulary, vocabularyOptions } from '../../src/data/text/learn-vocabulary.ts';
import { type CountedWord, learnMerges } from '../../src/data/text/merges.ts';
import { createTokenizer } from '../../src/data/text/tokenizer.ts';
import { sentences } from './text-fixture.ts';

const learn = (texts: Iterable<string>, options: object = {}) =>
  learnVocabulary(texts, vocabularyOptions.parse({ size: 300, ...options }));

/** Merges by counting all pairs anew each time. */
function naiveMerges(words: readonly CountedWord[], pieces: string[], size: number): [string, string][] {
  const merges: [string, string][] = [];
  let own = words.map(({ pieces: ids, count }) => ({ ids, count }));
  while (pieces.length < size) {
    const counts = new Map<string, number>();
    for (const { ids, count } of own) {
      for (let i = 1; i < ids.length; i++)
        counts.set(`${ids[i - 1]} ${ids[i]}`, (counts.get(`${ids[i - 1]} ${ids[i]}`) ?? 0) + count);
    }
    const pairs = [...counts].map(([key, count]) => ({ pair: key.split(' ').map(Number) as [number, number], count }));
    pairs.sort((p, q) => q.count - p.count || p.pair[0] - q.pair[0] || p.pair[1] - q.pair[1]);
    const best = pairs[0];
    if (!best || best.count < 2) break;
    const [a, b] = best.pair;
    merges.push([pieces[a]!, pieces[b]!]);
    const piece = pieces[a]! + pieces[b]!;
    const id = pieces.includes(piece) ? pieces.indexOf(piece) : pieces.push(piece) - 1;
    own = own.map(({ ids, count }) => {
      const out: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] === a && ids[i + 1] === b) {
          out.push(id);
          i++;
        } else out.push(ids[i]!);
      }
      return { ids: out, count };
    });
  }
  return merges;
}

describe('merges', () => {
  it('are those of counting anew each time', () => {
    const word = fc.record({
      pieces: fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
      count: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 4, max: 20 }), (words, size) => {
        const copy = words.map(({ pieces, count }) => ({ pieces: [...pieces], count }));
        const expected = naiveMerges(words, ['a', 'b', 'c', 'd'], size);
        const join = (left: string, right: string): string => left + right;
        expect(learnMerges(copy, ['a', 'b', 'c', 'd'], { size, least: 2, join })).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('make the pieces of the example of Sennrich et al. (2016)', () => {
    const counts = { low·: 5, lower·: 2, newest·: 6, widest·: 3 };
    const pieces = [...new Set(Object.keys(counts).join(''))];
    const words = Object.entries(counts).map(([w, count]) => ({ pieces: [...w].map((c) => pieces.indexOf(c)), count }));
    const merges = learnMerges(words, pieces, { size: pieces.length + 4, least: 2, join: (l, r) => l + r });
    // e+s and s+t and t+· occur nine times each; whichever comes first, the ending is one piece after three merges.
    expect(merges.slice(0, 3).map((pair) => pair.join(''))).toContain('est·');
    expect(merges[0]).toEqual(['e', 's']);
  });
});

describe.each(['wordpiece', 'bpe'] as const)('a %s vocabulary of one’s own', (train) => {
  const texts = [...sentences(200), 'Ärger über Größe', 'Ärger über Größe'];

  it('is the same bytes for the same texts, and no larger than asked', () => {
    const [a, b] = [learn(texts, { train, size: 400 }), learn(texts, { train, size: 400 })];
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    expect(createTokenizer(a).vocabulary).toBeLessThanOrEqual(400);
    expect(Object.keys(a.json.model.vocab).length).toBe(createTokenizer(a).vocabulary);
  });

  it('learns frequent words as one piece', () => {
    const tokenizer = createTokenizer(learn(texts, { train, size: 500 }));
    expect(tokenizer.encode(['the film'], 20).ids.length).toBe(4);
  });

  it('keeps ids within the vocabulary and lengths within the longest for any text', () => {
    const tokenizer = createTokenizer(learn(texts, { train }));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 3, max: 20 }), (text, longest) => {
        const { ids } = tokenizer.encode([text], longest);
        expect(ids.length).toBeLessThanOrEqual(longest);
        expect(ids.every((id) => id >= 0 && id < tokenizer.vocabulary)).toBe(true);
      }),
    );
  });

  it('names its special tokens and its class for deployment', () => {
    const { files, special, vocabulary } = textTypeOf(createTokenizer(learn(texts, { train })), 32);
    expect(special.pad).toBe(0);
    expect([special.first, special.separator, special.mask].every((id) => id !== null && id < vocabulary)).toBe(true);
    expect(JSON.parse(files['tokenizer_config.json']!)).toMatchObject({
      tokenizer_class: train === 'bpe' ? 'PreTrainedTokenizerFast' : 'BertTokenizer',
      model_max_length: 32,
      pad_token: '[PAD]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
    });
  });

  it('refuses a size that the characters alone exceed', () => {
    const many = Array.from({ length: 400 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(' ');
    expect(() => learn([many, many], { train, size: 60 })).toThrow(/data\.tokenizer\.size: 60; expected at least \d+/);
  });
});

describe('a vocabulary of bytes', () => {
  const tokenizer = createTokenizer(learn(sentences(100), { train: 'bpe', lowercase: false }));
  it('gives any text back', () => {
    expect(tokenizer.decode(tokenizer.encode(['Größe 日本 🙂\tend'], 200).ids)).toBe('Größe 日本 🙂\tend');
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((t) => !/[[\]]/.test(t));
    fc.assert(
      fc.property(text, (t) => {
        expect(tokenizer.decode(tokenizer.encode([t], 2000).ids)).toBe(t);
      }),
    );
  });
  it('knows no unknown token', () => expect(tokenizer.special.unknown).toBeNull());
});

describe('a vocabulary of word pieces', () => {
  it('has capitals and accents only on request', () => {
    const texts = ['Café', 'Café', 'Café'];
    const pieces = (lowercase: boolean): string[] => Object.keys(learn(texts, { lowercase }).json.model.vocab);
    expect(pieces(true)).toContain('cafe');
    expect(pieces(false)).toContain('Café');
  });
  it('says [UNK] for characters it never saw', () => {
    const tokenizer = createTokenizer(learn(sentences(50)));
    expect(tokenizer.encode(['the 日 film'], 20).ids[2]).toBe(tokenizer.special.unknown);
  });
});

const SST2 = 'data/sst2/glue_train.tsv.gz';
describe.skipIf(!existsSync(SST2))('SST-2', () => {
  it('gives 8,000 pieces of all its sentences within seconds', () => {
    const lines = gunzipSync(readFileSync(SST2)).toString('utf8').split('\n').slice(1);
    const texts = lines.map((line) => line.split('\t')[0]!).filter((line) => line !== '');
    const start = performance.now();
    const tokenizer = createTokenizer(learn(texts, { size: 8000 }));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(tokenizer.vocabulary).toBe(8000);
    const { ids } = tokenizer.encode(['a charming and often affecting journey'], 64);
    expect(ids).toHaveLength(8);
    expect(tokenizer.decode(ids)).toBe('a charming and often affecting journey');
  });
});
