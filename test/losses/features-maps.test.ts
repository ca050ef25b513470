import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { fitMap } from '../../src/losses/features/fit-map.ts';
import { evaluate, numbers } from '../support/ort.ts';

describe('maps of another size', () => {
  const fitted = async (data: number[], shape: number[], sizes: number[], growth?: 'linear' | 'nearest') => {
    const x = tensor('float32', [1, 1, ...shape], data);
    return numbers((await evaluate({ y: fitMap(new Graph().input('x', x), sizes, growth) }, { x })).y!);
  };

  test('are averages where they shrink, and straight lines where they grow', async () => {
    expect(await fitted([1, 2, 3, 4], [2, 2], [1, 1])).toEqual([2.5]);
    expect(await fitted([1, 2, 3, 4, 5], [1, 5], [1, 3])).toEqual([1.5, 3, 4.5]);
    expect(await fitted([0, 4], [1, 2], [1, 4])).toEqual([0, 1, 3, 4]);
    expect(await fitted([0, 4], [2, 1], [3, 1], 'nearest')).toEqual([0, 0, 4]);
    expect(await fitted([0, 4], [1, 2], [2, 4], 'nearest')).toEqual([0, 0, 4, 4, 0, 0, 4, 4]);
  });

  test('keep a constant', async () => {
    for (const sizes of [[2, 7], [5, 3], [1, 1]]) expect(new Set(await fitted(Array(15).fill(2), [3, 5], sizes))).toEqual(new Set([2])); // biome-ignore format: one call
  });
});
