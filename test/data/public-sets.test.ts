import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { statistics } from '../../src/data/statistics.ts';
import { load } from './fixture.ts';

/** Runs where the set is in ./data (`npm run data` fetches it), and says that it was skipped elsewhere. */
const where = (folder: string) => it.skipIf(!existsSync(folder));

describe('public sets', () => {
  where('data/fashion_mnist')('Fashion-MNIST has its published sizes and statistics', async () => {
    const { train, validation, test } = await load({ kind: 'idx', path: 'data/fashion_mnist', validation: 0 });
    expect([train.size, validation.size, test.size, train.classes?.length]).toEqual([60_000, 0, 10_000, 10]);
    const { mean, std } = statistics(train);
    expect(mean[0]).toBeCloseTo(0.286, 4);
    expect(std[0]).toBeCloseTo(0.353, 4);
  });

  where('data/mnist')('MNIST has its published sizes and statistics', async () => {
    const { train, test } = await load({ kind: 'idx', path: 'data/mnist', validation: 0 });
    expect([train.size, test.size]).toEqual([60_000, 10_000]);
    const { mean, std } = statistics(train);
    expect(mean[0]).toBeCloseTo(0.1307, 4);
    expect(std[0]).toBeCloseTo(0.3081, 4);
  });

  where('data/cifar10')('CIFAR-10 has its names and nearly the statistics of the whole set', async () => {
    const { train, test } = await load({ kind: 'cifar', path: 'data/cifar10', validation: 0 });
    expect([train.size, test.size]).toEqual([9000, 1000]);
    expect(train.classes?.[3]).toBe('cat');
    const { mean, std } = statistics(train);
    [0.4914, 0.4822, 0.4465].forEach((m, c) => {
      expect(Math.abs(mean[c]! - m)).toBeLessThan(0.005);
    });
    [0.247, 0.2435, 0.2616].forEach((s, c) => {
      expect(Math.abs(std[c]! - s)).toBeLessThan(0.005);
    });
  });

  where('data/california_housing')('California housing is a regression with gaps and a text column', async () => {
    const options = { kind: 'csv', path: 'data/california_housing/housing.csv.gz', targets: ['median_house_value'] };
    const { train, validation, test } = await load({ ...options, missing: 'mean' });
    expect(train.size + validation.size + test.size).toBe(20_640);
    expect(train.example.shape).toEqual([13]);
    expect(train.targets[0]!.mean).toBeCloseTo(206_856, -4);
    const dropped = await load({ ...options, missing: 'drop', validation: 0, test: 1 });
    expect(dropped.train.size).toBe(20_640 - 207 - 1);
  });

  where('data/mfeat')('mfeat has ten classes in its last column', async () => {
    const { train, validation, test } = await load({ kind: 'csv', path: 'data/mfeat/mfeat-mor.csv.gz', label: -1 });
    expect(train.size + validation.size + test.size).toBe(2000);
    expect(train.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(train.example.shape).toEqual([6]);
  });
});
