import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { tensor } from '../../src/graph/type.ts';
import { repairOf, repairSchema, repairs } from '../../src/methods/repairs/list.ts';
import { softmax } from '../../src/ops/softmax.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { standIn } from './signals.ts';

const teacher = [
  [2, 0, -1], // right
  [2, 0, -1], // wrong: the label is 2
  [0, 3, 1], // no label
];
const target = [
  [1, 0, 0],
  [0, 0, 1],
  [0, 0, 0],
];
const soft = (row: readonly number[]): number[] => {
  const e = row.map(Math.exp);
  return e.map((v) => v / e.reduce((a, b) => a + b));
};

/** Probabilities after a repair, row by row, and which rows are trusted. */
async function repaired(option: z.input<typeof repairSchema>, logits: readonly (readonly number[])[] = teacher) {
  const shape = [logits.length, 3];
  const { graph, signals, feeds } = standIn({ student: { logits: shape }, target: shape });
  const z = graph.input('given', { dtype: 'float32', shape });
  const options = repairSchema.parse(option);
  const { logits: after, trusted } = repairOf(options).apply(z, signals, options);
  expect(after.shape).toEqual(shape);
  if (trusted) expect(trusted.shape).toEqual([logits.length]);
  const found = await evaluate(
    { after, p: softmax(after), ...(trusted && { trusted }) },
    { ...feeds(1, { target: target.slice(0, logits.length).flat() }), given: tensor('float32', shape, logits.flat()) },
  );
  const rows = (name: string) => logits.map((_, i) => numbers(found[name]!).slice(3 * i, 3 * i + 3));
  return { logits: rows('after'), p: rows('p'), trusted: found.trusted && numbers(found.trusted) };
}
const close = (list: readonly number[], digits = 5) => list.map((v) => expect.closeTo(v, digits));

test('smooth mixes in the uniform distribution', async () => {
  const { p } = await repaired({ repair: 'smooth', epsilon: 0.3 });
  for (const [i, row] of teacher.entries()) expect(p[i]).toEqual(close(soft(row).map((v) => 0.7 * v + 0.1)));
  const extreme = await repaired({ repair: 'smooth' }, [[90, -90, 0]]);
  expect(extreme.p[0]).toEqual(close([0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3]));
});

test('temper divides logits', async () => {
  const { logits } = await repaired({ repair: 'temper', temperature: 4 });
  expect(logits).toEqual(teacher.map((row) => close(row.map((v) => v / 4))));
});

test('abstain trusts first choices that are sure enough', async () => {
  const { trusted } = await repaired({ repair: 'abstain', below: 0.84 });
  expect(trusted).toEqual(teacher.map((row) => Number(Math.max(...soft(row)) >= 0.84)));
});

describe('correct', () => {
  test('swap exchanges the wrong first choice with the label', async () => {
    const { logits, trusted } = await repaired({ repair: 'correct' });
    expect(logits).toEqual([teacher[0], [-1, 0, 2], teacher[2]]);
    expect(trusted).toBeUndefined();
  });

  test('drop leaves the wrong teacher out and the logits alone', async () => {
    const { logits, trusted } = await repaired({ repair: 'correct', how: 'drop' });
    expect(logits).toEqual(teacher);
    expect(trusted).toEqual([1, 0, 1]);
  });

  test('temper softens where the teacher is wrong', async () => {
    const { logits } = await repaired({ repair: 'correct', how: 'temper', temperature: 2 });
    expect(logits).toEqual([teacher[0], [1, 0, -0.5], teacher[2]].map((row) => close(row!)));
  });

  test('a class that the teacher rules out can be the label', async () => {
    const [right, wrong] = (await repaired({ repair: 'correct' }, [teacher[0]!, [2, 0, Number.NEGATIVE_INFINITY]])).p;
    expect(right).toEqual(close(soft(teacher[0]!)));
    expect(wrong).toEqual(close([0, ...soft([0, 2])]));
  });
});

test.each(repairs.map((r) => r.repair))('%s leaves probabilities a distribution, and explains itself', async (repair) => {
  const option = { repair } as z.input<typeof repairSchema>;
  const { p } = await repaired(option, [
    [40, -40, 0],
    [40, 40, 40],
    [-40, -39, -40],
  ]);
  for (const row of p) {
    expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(row.every((v) => v >= 0)).toBe(true);
  }
  expect(repairOf({ repair } as never).summary).toMatch(/^[A-Z].*\.$/);
});
