import { DataError } from '../data/error.ts';
import type { Splits } from '../data/split.ts';

/** @throws DataError where a split that is needed has no examples. */
export function refuseWithoutExamples(splits: Splits, needed: readonly ('train' | 'test')[] = ['train', 'test']): void {
  const empty = needed.find((split) => splits[split].size === 0);
  if (empty === undefined) return;
  throw new DataError({
    where: `data, ${empty} split`,
    found: `no examples (${splits.name})`,
    expected: empty === 'train' ? 'examples to train on' : 'examples to measure on',
    fix: 'bring data, or take the program that makes examples up from a teacher: program: { kind: data-free }',
  });
}
