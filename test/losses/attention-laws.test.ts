import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { attentionDivergence, attentionSquares } from '../../src/losses/attention/distributions.ts';
import { attentionScores } from '../../src/losses/attention/scores.ts';
import { selfRelations } from '../../src/losses/attention/self-relations.ts';
import { mean } from '../../src/ops/reduce.ts';
import { softmax } from '../../src/ops/softmax.ts';
import { evaluate, numbers } from '../support/ort.ts';

type Loss = (student: Value, teacher: Value) => Value;

async function measure(loss: Loss, a: Tensor, b: Tensor): Promise<{ values: number[]; slope: number[] }> {
  const graph = new Graph();
  const x = graph.input('a', a);
  const values = loss(x, graph.input('b', b));
  const [slope] = grad(mean(values), [x]);
  const found = await evaluate({ values, slope: slope! }, { a, b });
  return { values: numbers(found.values!), slope: numbers(found.slope!) };
}

const filled = (shape: readonly number[], value: (i: number) => number): Tensor =>
  tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(value(i))),
  );
const draw = (seed: number, ...shape: number[]): Tensor => {
  const draws = random(seed, 'attention');
  return filled(shape, () => draws.normal());
};
/** The last key of every query, and the last query, masked with a number. */
const masked = (t: Tensor, by: number, rows = false): Tensor => {
  const L = t.shape.at(-1)!;
  return filled(t.shape, (i) => (i % L === L - 1 || (rows && Math.floor(i / L) % L === L - 1) ? by : numbers(t)[i]!));
};
const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));

const maps: readonly [string, Loss][] = [
  ['attentionScores', (s, t) => attentionScores(s, t)],
  ['attentionSquares', (s, t) => attentionSquares(s, t)],
  ['attentionDivergence', (s, t) => attentionDivergence(s, t)],
];
const [S, T] = [draw(1, 2, 3, 4, 4), draw(2, 2, 3, 4, 4)];

describe.each(maps)('%s', (_, loss) => {
  test('is zero with a gradient of zero at agreement, and positive elsewhere', async () => {
    const same = await measure(loss, S, S);
    expect(largest(same.values)).toBe(0);
    expect(largest(same.slope)).toBeLessThan(1e-7);
    expect(Math.min(...(await measure(loss, S, T)).values)).toBeGreaterThan(0);
  });

  test('masked keys and queries are as if they were not there', async () => {
    const [a, b] = [masked(S, -10000, true), masked(T, -10000, true)];
    const cut = (t: Tensor): Tensor =>
      tensor(
        'float32',
        [2, 3, 3, 3],
        numbers(t).filter((_, i) => i % 4 !== 3 && Math.floor(i / 4) % 4 !== 3),
      );
    const [whole, part] = [await measure(loss, a, b), await measure(loss, cut(S), cut(T))];
    for (const [i, v] of part.values.entries()) expect(whole.values[i]).toBeCloseTo(v, 5);
    expect(numbers(cut(filled(S.shape, (i) => whole.slope[i]!)))).toEqual(part.slope.map((g) => expect.closeTo(g, 6)));
    expect(largest(whole.slope.filter((_, i) => i % 4 === 3))).toBe(0);
  });

  test('it does not matter with which number a model masks', async () => {
    const wanted = await measure(loss, masked(S, -10000), masked(T, -10000));
    for (const [p, q] of [
      [-3.4e38, -10000],
      [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ] as const) {
      const found = await measure(loss, masked(S, p), masked(T, q));
      expect(found.values).toEqual(wanted.values.map((v) => expect.closeTo(v, 6)));
      expect(found.slope.every(Number.isFinite)).toBe(true);
    }
  });

  test('an example that is masked altogether costs nothing', async () => {
    const nothing = filled(S.shape, () => Number.NEGATIVE_INFINITY);
    const { values, slope } = await measure(loss, nothing, nothing);
    expect(largest(values)).toBe(0);
    expect(largest(slope)).toBe(0);
  });
});

test('probabilities do not see a constant added to the scores of a query, raw scores do', async () => {
  const shifted = filled(S.shape, (i) => numbers(S)[i]! + 2);
  expect(largest((await measure(attentionSquares, shifted, S)).values)).toBeLessThan(1e-6);
  expect(largest((await measure(attentionDivergence, shifted, S)).values)).toBeLessThan(1e-6);
  for (const v of (await measure(attentionScores, shifted, S)).values) expect(v).toBeCloseTo(4, 4);
});

test('scores and the probabilities that they give are the same to losses of probabilities', async () => {
  for (const loss of [attentionSquares, attentionDivergence]) {
    const [a, b] = [
      await measure((s, t) => loss(s, t), S, T),
      await measure((s, t) => loss(softmax(s), softmax(t), { given: 'probabilities' }), S, T),
    ];
    expect(b.values).toEqual(a.values.map((v) => expect.closeTo(v, 5)));
    expect(b.slope).toEqual(a.slope.map((v) => expect.closeTo(v, 6)));
  }
});

test('groups of heads are means of neighbours, and must divide', async () => {
  const twice = filled([2, 6, 4, 4], (i) => {
    const head = Math.floor(i / 16) % 6;
    return numbers(S)[Math.floor(i / 96) * 48 + Math.floor(head / 2) * 16 + (i % 16)]!;
  });
  for (const [, loss] of maps) expect(largest((await measure(loss, S, S)).values)).toBe(0);
  for (const loss of [attentionScores, attentionSquares, attentionDivergence])
    expect(largest((await measure((s, t) => loss(s, t, { heads: 'group' }), S, twice)).values)).toBeLessThan(1e-6);
  const [three, four] = [draw(1, 1, 3, 2, 2), draw(2, 1, 4, 2, 2)];
  await expect(measure((s, t) => attentionScores(s, t, { heads: 'group' }), three, four)).rejects.toThrow('3 and 4 heads');
});

test('shapes that cannot be attention are errors', async () => {
  await expect(measure(attentionScores, draw(1, 2, 3), draw(2, 2, 3))).rejects.toThrow('expected [B, heads, L, L]');
  await expect(measure(attentionScores, draw(1, 1, 1, 3, 3), draw(2, 1, 1, 4, 4))).rejects.toThrow('expected equal shapes');
  await expect(measure(selfRelations, draw(1, 1, 3, 3), draw(2, 1, 3, 3))).rejects.toThrow('width of a head');
  await expect(measure((s, t) => selfRelations(s, t, { heads: 4 }), draw(1, 1, 3, 2, 3), draw(2, 1, 3, 2, 3))).rejects.toThrow(
    'do not split into 4 relation heads',
  );
});

describe('selfRelations', () => {
  const [s, t] = [draw(1, 2, 2, 3, 4), draw(2, 2, 4, 3, 2)];

  test('is zero at agreement, and does not see a turn of the sign', async () => {
    expect(largest((await measure(selfRelations, s, s)).values)).toBe(0);
    const turned = filled(s.shape, (i) => -numbers(s)[i]!);
    expect((await measure(selfRelations, turned, t)).values).toEqual(
      (await measure(selfRelations, s, t)).values.map((v) => expect.closeTo(v, 5)),
    );
  });

  test('heads of the teacher that are split as those of the student are the same relations', async () => {
    // Four heads of two numbers, joined in pairs to two heads of four.
    const split = filled([2, 4, 3, 2], (i) => {
      const [b, head, l, d] = [Math.floor(i / 24), Math.floor(i / 6) % 4, Math.floor(i / 2) % 3, i % 2];
      return numbers(s)[b * 24 + Math.floor(head / 2) * 12 + l * 4 + (head % 2) * 2 + d]!;
    });
    expect(largest((await measure(selfRelations, s, split)).values)).toBeLessThan(1e-6);
  });
});
