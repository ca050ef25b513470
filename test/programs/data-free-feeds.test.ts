import { describe, expect, it } from 'vitest';
import { augmentationSchema, prepareAugmentations } from '../../src/data/augmentations.ts';
import { repeated } from '../../src/onnx/repeat.ts';
import { type Learning, learningFeeds } from '../../src/programs/data-free/round-feeds.ts';
import { viewInput } from '../../src/run/objective.ts';
import { contents, load } from '../data/fixture.ts';

const { train: set } = await load({ kind: 'glyphs', size: 20, classes: 3, pixels: 8 });

describe('what a student is fed out of a memory', () => {
  const example = set.example.shape;
  const width = example.reduce((a, b) => a * b, 1);
  const batchSize = 5;
  const step = { step: { scalars: [], noise: [], indices: false }, drawn: [] } as unknown as Learning['step'];
  /** The batches of some steps, flat. */
  const views = (augment: readonly object[], first: number, count: number): Float32Array => {
    const changes = prepareAugmentations(
      augment.map((one) => augmentationSchema.parse(one)),
      set,
    );
    const feedsOf = learningFeeds(
      { step, steps: 4, from: 'memory', augment: changes },
      { seed: 3, batchSize, example, memory: { dataset: () => set } },
    );
    return feedsOf(first, count)[repeated.each(viewInput)]!.data as Float32Array;
  };
  const rowsOf = (data: Float32Array): Float32Array[] =>
    Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width));

  it('is what the memory holds, changed where that is asked', () => {
    const held = contents(set).map(({ x }) => x);
    const [plain, mirrored] = [rowsOf(views([], 0, 2)), rowsOf(views([{ kind: 'flip', p: 1 }], 0, 2))];
    for (const row of plain) expect(held).toContainEqual(Array.from(row));
    const columns = example.at(-1)!;
    const turned = (row: Float32Array): Float32Array => row.map((_, i) => row[i - (i % columns) + columns - 1 - (i % columns)]!);
    expect(mirrored).toEqual(plain.map(turned));
  });

  it.each([[[{ kind: 'shift' }, { kind: 'noise' }]], [[{ kind: 'mixup' }]], [[{ kind: 'cutmix' }]]])(
    'depends on the step alone, however many a call takes: %j',
    (augment) => {
      const together = views(augment, 3, 3);
      const size = batchSize * width;
      for (const i of [0, 1, 2]) expect(together.slice(i * size, (i + 1) * size)).toEqual(views(augment, 3 + i, 1));
      expect(together).not.toEqual(views([], 3, 3));
      expect(together.every(Number.isFinite)).toBe(true);
    },
  );
});
