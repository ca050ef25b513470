import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmentationSchema, isCacheable, prepareAugmentations } from '../../src/data/augmentations.ts';
import { type Batch, planBatches } from '../../src/data/batches.ts';
import { floatDataset, imageDataset, plainTarget, plainVector, subset } from '../../src/data/dataset.ts';

const pictures = (n: number) =>
  imageDataset({
    name: 'p',
    shape: [2, 4, 5],
    bytes: Uint8Array.from({ length: n * 40 }, (_, i) => (i * 97 + (i >> 3)) % 256),
    labels: Array.from({ length: n }, (_, i) => (i % 4) - 1),
    classes: ['a', 'b', 'c'],
  });
const augment = (list: readonly object[], n = 1) =>
  prepareAugmentations(
    list.map((a) => augmentationSchema.parse(a)),
    pictures(n),
  );
const everything = [
  { kind: 'flip' },
  { kind: 'crop', padding: 1 },
  { kind: 'shift' },
  { kind: 'affine' },
  { kind: 'cutout', pixels: 2 },
  { kind: 'noise' },
  { kind: 'mixup' },
  { kind: 'cutmix', p: 1 },
];
const bytesOf = ({ epoch, step, size, indices, x, target }: Batch) =>
  JSON.stringify([epoch, step, size, Array.from(indices), Array.from(x), Array.from(target)]);

describe('planBatches', () => {
  it('shows every example once an epoch, in another order each time', () => {
    const plan = planBatches(pictures(23), { batchSize: 5, shuffle: true, seed: 3 });
    expect(plan.steps).toBe(5);
    const orders = [0, 1].map((epoch) =>
      [...plan.epoch(epoch)].flatMap((_, step) => {
        const batch = plan.allocate();
        plan.fill(batch, epoch, step);
        return Array.from(batch.indices.subarray(0, batch.size));
      }),
    );
    for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 23 }, (_, i) => i));
    expect(orders[0]).not.toEqual(orders[1]);
  });

  it('writes examples, targets and padding', () => {
    const data = pictures(7);
    const plan = planBatches(data, { batchSize: 4 });
    const batch = plan.allocate();
    batch.x.fill(9);
    batch.target.fill(9);
    plan.fill(batch, 0, 1);
    expect(batch.size).toBe(3);
    expect(Array.from(batch.indices)).toEqual([4, 5, 6, 0]);
    const x = new Float32Array(40);
    data.read(5, x, 0);
    expect(batch.x.subarray(40, 80)).toEqual(x);
    expect(Array.from(batch.x.subarray(120))).toEqual(Array(40).fill(0));
    expect(Array.from(batch.target)).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it('leaves out the last batch on request, but never the only one', () => {
    expect(planBatches(pictures(7), { batchSize: 4, dropLast: true }).steps).toBe(1);
    expect(planBatches(pictures(3), { batchSize: 4, dropLast: true }).steps).toBe(1);
    expect(planBatches(pictures(8), { batchSize: 4, dropLast: true }).steps).toBe(2);
    expect(() =>
      planBatches(pictures(3), { batchSize: 4 }).fill(planBatches(pictures(3), { batchSize: 4 }).allocate(), 0, 1),
    ).toThrow(/internal/);
  });

  it('gives the same bytes when it is resumed at any step', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        fc.nat(1000),
        fc.nat(),
        (n, batchSize, seed, epoch, at) => {
          const options = { batchSize, seed, shuffle: true, augment: augment(everything) };
          const whole = planBatches(pictures(n), options);
          const uninterrupted: string[] = [];
          for (const batch of whole.epoch(epoch)) uninterrupted.push(bytesOf(batch));
          const from = at % whole.steps;
          const fresh = planBatches(pictures(n), { ...options, augment: augment(everything) });
          const resumed: string[] = [];
          for (const batch of fresh.epoch(epoch, from, [fresh.allocate(), fresh.allocate()])) resumed.push(bytesOf(batch));
          expect(resumed).toEqual(uninterrupted.slice(from));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('changes with the seed, the epoch and the step', () => {
    const made = (seed: number, epoch: number, step: number) => {
      const same = imageDataset({ name: 's', shape: [2, 4, 5], bytes: new Uint8Array(8 * 40), labels: null, classes: null });
      const plan = planBatches(same, { batchSize: 4, seed, augment: augment([{ kind: 'noise', std: 1 }]) });
      const batch = plan.allocate();
      plan.fill(batch, epoch, step);
      return JSON.stringify(Array.from(batch.x));
    };
    expect(new Set([made(0, 0, 0), made(1, 0, 0), made(0, 1, 0), made(0, 0, 1)]).size).toBe(4);
    expect(made(0, 1, 1)).toBe(made(0, 1, 1));
  });

  it('fills memory it is given, and refuses memory of another size', () => {
    const plan = planBatches(pictures(4), { batchSize: 4 });
    const x = new Float32Array(new SharedArrayBuffer(4 * 160));
    const batch = plan.allocate({ x, target: new Float32Array(12) });
    plan.fill(batch, 0, 0);
    expect(x[1]).toBeCloseTo(97 / 255);
    expect(() => plan.fill(plan.allocate({ x, target: new Float32Array(3) }), 0, 0)).toThrow(/internal/);
  });

  it('carries values to predict', () => {
    const data = floatDataset({
      name: 'r',
      example: plainVector(['a']),
      values: Float32Array.of(1, 2),
      targets: [plainTarget('y'), plainTarget('z')],
      targetValues: Float32Array.of(5, 6, 7, 8),
    });
    const batch = planBatches(subset(data, Uint32Array.of(1, 0)), { batchSize: 2 }).allocate();
    planBatches(subset(data, Uint32Array.of(1, 0)), { batchSize: 2 }).fill(batch, 0, 0);
    expect(Array.from(batch.target)).toEqual([7, 8, 5, 6]);
  });
});

describe('isCacheable', () => {
  it('is said by each augmentation', () => {
    expect(isCacheable([])).toBe(true);
    for (const one of everything) expect(isCacheable(augment([one]))).toBe(false);
    for (const none of [
      { kind: 'flip', p: 0 },
      { kind: 'crop', padding: 0 },
      { kind: 'noise', std: 0 },
      { kind: 'cutmix', p: 0 },
    ])
      expect(isCacheable(augment([none]))).toBe(true);
  });
});
