import { expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { tokensOf } from '../../src/models/tokens.ts';
import { evaluate } from '../support/ort.ts';

test('tokens come apart into ids, a mask and which text they are of', async () => {
  const graph = new Graph();
  const x = tensor('float32', [2, 2, 3], [101, 7, 102, 1, 1, 2, 5, 0, 0, 1, 0, 0]);
  const { ids, mask, types } = tokensOf('test', graph.input('x', x));
  const found = await evaluate({ ids, mask, types }, { x });
  expect(Array.from(found.ids!.data, Number)).toEqual([101, 7, 102, 5, 0, 0]);
  expect(Array.from(found.mask!.data, Number)).toEqual([1, 1, 1, 1, 0, 0]);
  expect(Array.from(found.types!.data, Number)).toEqual([0, 0, 1, 0, 0, 0]);
  expect(ids.dtype).toBe('int64');
});

test('what is no tokens is refused with its shape', () => {
  const x = new Graph().input('x', { dtype: 'float32', shape: [2, 3, 8, 8] });
  expect(() => tokensOf('bert', x)).toThrow('bert: one example is [3,8,8]; expected tokens [2, length]');
});
