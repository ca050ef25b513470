import { expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { otherTokenizers } from '../../src/run/vocabularies.ts';

const texts = (vocabulary: number) =>
  ({ example: { layout: 'tokens', shape: [2, 8], text: { vocabulary } } }) as unknown as Dataset;

test('a tokenizer that knows far fewer ids than a model is remarked on; tables that are filled up are not', () => {
  expect(otherTokenizers(texts(8000), { student: 30_522, teacher: undefined })).toEqual([expect.stringMatching(/^The student knows 30522 ids of tokens, and the tokenizer of the data gives 8000/)]); // biome-ignore format: one line
  expect(otherTokenizers(texts(50_257), { student: 50_304, teacher: 50_257 })).toEqual([]);
  expect(
    otherTokenizers({ example: { layout: 'vector', shape: [3], columns: [] } } as unknown as Dataset, { student: 9 }),
  ).toEqual([]);
});
