import { describe, expect, test } from 'vitest';
import type { Operator } from '../../src/graph/graph.ts';
import { operators } from '../../src/ops/index.ts';
import { checkSample, precisionsOf, type Sample } from './check.ts';
import { samples } from './samples/all.ts';

const named = (entry: Operator): string => (entry.domain ? `${entry.domain}.${entry.onnx}` : entry.onnx);
const byEntry = new Map<Operator, Sample[]>();
for (const sample of samples) byEntry.set(sample.of, [...(byEntry.get(sample.of) ?? []), sample]);

describe.each(operators.map((entry) => ({ name: named(entry), entry })))('$name', ({ entry }) => {
  const list = byEntry.get(entry) ?? [];
  test('has a sample', () => {
    expect(list.length).toBeGreaterThan(0);
  });
  for (const sample of list) {
    for (const precision of precisionsOf(sample)) {
      test(`${sample.name ?? 'values and derivatives'} in ${precision}`, async () => {
        await checkSample(sample, precision);
      });
    }
  }
});

test('every sample belongs to an entry of the table', () => {
  expect([...byEntry.keys()].filter((entry) => !operators.some((known) => known === entry)).map(named)).toEqual([]);
});
