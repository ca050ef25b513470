import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { targetSize } from '../../src/data/dataset.ts';
import { openData } from '../../src/data/sources.ts';
import { wordPieceJson, wordPieceSpecials } from '../../src/data/text/word-piece.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';

const folder = mkdtempSync(join(tmpdir(), 'potstill-tagged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
// "playing" is two pieces.
put('tokenizer.json', JSON.stringify(wordPieceJson([...wordPieceSpecials, 'play', '##ing', 'anna', 'in', 'rome', 'city'], true)));
const sentences = [
  [
    ['playing', 'O'],
    ['anna', 'B-PER'],
    ['in', 'O'],
    ['rome', 'B-LOC'],
    ['city', 'I-LOC'],
  ],
  [['anna', 'B-PER']],
  [
    ['in', 'O'],
    ['rome', 'B-LOC'],
  ],
];
put('a.conll', `-DOCSTART- -X- O O\n\n${sentences.map((s) => s.map(([w, t]) => `${w} NN ${t}`).join('\n')).join('\n\n')}\n`);
const lines = (tag: (t: string) => unknown, key = 'ner_tags'): string =>
  sentences.map((s) => JSON.stringify({ tokens: s.map(([w]) => w), [key]: s.map(([, t]) => tag(t!)) })).join('\n');
put(
  'a.jsonl',
  lines((t) => t),
);
const classes = ['O', 'B-PER', 'B-LOC', 'I-LOC'];
put(
  'numbers.jsonl',
  lines((t) => classes.indexOf(t), 'labels'),
);

// Copies of test examples would be left out of train.
put('train.jsonl', '{"tokens": ["play", "play"], "ner_tags": ["O", "B-PER"]}');
put('train-numbers.jsonl', '{"tokens": ["play", "play"], "labels": [0, 1]}');

const open = async (data: object) => {
  const recipe = parseRecipe({
    data: {
      kind: 'tagged-text',
      tokenizer: 'tokenizer.json',
      length: 8,
      classes,
      validation: 0,
      path: 'train.jsonl',
      ...data,
    },
    student: { model: { kind: 'bert' } },
  });
  return openData(recipe.data, { folder });
};

const answersOf = (set: Awaited<ReturnType<typeof open>>['test']): number[][] =>
  Array.from({ length: set.size }, (_, i) => {
    const out = new Float32Array(targetSize(set));
    set.target(i, out, 0);
    return [...out];
  });

it.each([
  ['CoNLL', { testPath: 'a.conll' }],
  ['JSON Lines with names', { testPath: 'a.jsonl' }],
  ['JSON Lines with numbers', { path: 'train-numbers.jsonl', testPath: 'numbers.jsonl', tags: 'labels' }],
])('%s: the first token of a word has its tag', async (_, data) => {
  const { test } = await open(data);
  expect(test.tagged).toBe(true);
  expect(test.classes).toEqual(classes);
  // [CLS] play ##ing anna in rome city [SEP]
  expect(answersOf(test)).toEqual([
    [0, 1, 0, 2, 1, 3, 4, 0],
    [0, 2, 0, 0, 0, 0, 0, 0],
    [0, 1, 3, 0, 0, 0, 0, 0],
  ]);
  expect(test.row(0)).toEqual({ text: 'playing anna in rome city' });
  const view = new Float32Array(16);
  test.read(0, view, 0);
  expect(view[7]).toBe(wordPieceSpecials.indexOf('[SEP]'));
});

it('words beyond the longest length are cut, special tokens stay', async () => {
  const { test } = await open({ testPath: 'a.conll', length: 5 });
  expect(answersOf(test)[0]).toEqual([0, 1, 0, 2, 0]);
  const view = new Float32Array(10);
  test.read(0, view, 0);
  expect(view[4]).toBe(wordPieceSpecials.indexOf('[SEP]'));
});

it.each([
  ['lists of unequal length', '{"tokens": ["a", "b"], "ner_tags": ["O"]}', /line 1: (found )?words: 2, tags: 1/],
  ['no list', '{"tokens": "a b", "ner_tags": ["O"]}', /words: no list/],
  ['an unknown tag', '{"tokens": ["anna"], "ner_tags": ["B-ORG"]}', /tag 'B-ORG' of word 1.*one of O, B-PER/s],
  ['another column', '{"words": ["anna"], "ner_tags": ["O"]}', /no column 'tokens' \(data.words\)/],
])('%s is an error that names the place', async (_, text, message) => {
  await expect(open({ testPath: put('bad.jsonl', text) })).rejects.toThrow(message);
});

it('a line without a tag is an error', async () => {
  await expect(open({ testPath: put('bad.conll', 'anna B-PER\nin\n') })).rejects.toThrow(/line 2: (found )?only 'in'/);
});
