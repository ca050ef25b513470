import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { classPartners } from '../../src/losses/self/class-partner.ts';
import { consistency } from '../../src/losses/self/consistency.ts';
import { mutual } from '../../src/losses/self/mutual.ts';
import { pastTargets } from '../../src/losses/self/past-targets.ts';
import { shallowHead } from '../../src/losses/self/shallow-head.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers, open } from '../support/ort.ts';

const [B, K] = [6, 4];
const matrix = (data: readonly number[], width = K): Tensor => tensor('float32', [data.length / width, width], data);
function drawn(seed: number, width = K): Tensor {
  const draws = random(seed, 'dynamics');
  return matrix(
    Array.from({ length: B * width }, () => Math.fround(2 * draws.normal())),
    width,
  );
}
const hot = (labels: readonly number[]): Tensor => matrix(labels.flatMap((l) => [0, 1, 2, 3].map((k) => Number(k === l))));
const shifted = (t: Tensor, by: number): Tensor => matrix(numbers(t).map((v) => v + by));
const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));
const labels = hot([0, 1, 2, 3, 0, 1]);

type Loss = (v: Readonly<Record<string, Value>>) => Value;

/** Values per example, and the gradients of their sum by input. */
async function measure(loss: Loss, inputs: Readonly<Record<string, Tensor>>) {
  const graph = new Graph();
  const given = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, graph.input(name, t)]));
  const values = loss(given);
  const slopes = grad(sum(values), Object.values(given));
  const names = Object.keys(inputs);
  const found = await evaluate({ values, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, slopes[i]!])) }, inputs);
  return {
    values: numbers(found.values!),
    slopes: Object.fromEntries(names.map((name) => [name, numbers(found[`d ${name}`]!)])),
  };
}

describe('past targets', () => {
  const mixed =
    (alpha: number, temperature = 1): Loss =>
    ({ s, past, y }) =>
      pastTargets(s!, past!, y!, s!.graph.scalar(alpha), temperature);
  const inputs = { s: drawn(1), past: drawn(2), y: labels };

  test('are the labels at α = 0 and soft targets at α = 1', async () => {
    const hard = await measure(({ s, y }) => crossEntropy(s!, y!), inputs);
    const soft = await measure(({ s, past }) => softTargets(s!, past!, 3), inputs);
    expect((await measure(mixed(0), inputs)).values).toEqual(hard.values.map((v) => expect.closeTo(v, 5)));
    expect((await measure(mixed(1, 3), inputs)).values).toEqual(soft.values.map((v) => expect.closeTo(v, 5)));
  });

  test('have the gradient of cross-entropy with the mixed target at temperature 1', async () => {
    const p = numbers(inputs.past);
    const rows = Array.from({ length: B }, (_, i) => p.slice(i * K, i * K + K).map(Math.exp));
    const shares = rows.flatMap((row) => row.map((v) => v / row.reduce((a, b) => a + b)));
    const target = matrix(numbers(labels).map((y, i) => 0.3 * y + 0.7 * shares[i]!));
    const plain = await measure(({ s, y }) => crossEntropy(s!, y!), { s: inputs.s, y: target });
    const { slopes } = await measure(mixed(0.7), inputs);
    expect(slopes.s).toEqual(plain.slopes.s!.map((v) => expect.closeTo(v, 5)));
  });

  test('send nothing back into the past', async () => {
    expect(largest((await measure(mixed(0.7), inputs)).slopes.past!)).toBe(0);
  });
});

describe.each(['mse', 'kl'] as const)('consistency by %s', (form) => {
  const loss: Loss = ({ s, average }) => consistency[form](s!, average!);

  test('is zero, with a gradient of zero, between equals, and does not see a constant', async () => {
    const same = await measure(loss, { s: drawn(1), average: drawn(1) });
    expect(largest([...same.values, ...same.slopes.s!])).toBeLessThan(1e-6);
    const level = await measure(loss, { s: drawn(1), average: shifted(drawn(1), 7) });
    expect(largest(level.values)).toBeLessThan(1e-6);
  });

  test('is positive elsewhere, and moves the student alone', async () => {
    const { values, slopes } = await measure(loss, { s: drawn(1), average: drawn(2) });
    expect(Math.min(...values)).toBeGreaterThan(0);
    expect(largest(slopes.s!)).toBeGreaterThan(0);
    expect(largest(slopes.average!)).toBe(0);
  });
});

test('a squared difference of probabilities is at most 2/K', async () => {
  const far = matrix(Array.from({ length: B * K }, (_, i) => (i % K === 0 ? 40 : -40)));
  const away = matrix(Array.from({ length: B * K }, (_, i) => (i % K === 1 ? 40 : -40)));
  const { values } = await measure(({ s, a }) => consistency.mse(s!, a!), { s: far, a: away });
  expect(values).toEqual(Array(B).fill(2 / K));
});

describe('mutual learning', () => {
  const inputs = { s: drawn(1), p: drawn(2), q: drawn(3), y: labels };

  test('is soft targets from the other where there are two', async () => {
    const { values, slopes } = await measure(({ s, p, y }) => mutual(s!, [p!], y!).divergence, inputs);
    expect(values).toEqual((await measure(({ s, p }) => softTargets(s!, p!, 1), inputs)).values);
    expect(largest(slopes.p!)).toBe(0);
  });

  test('does not depend on the order of the others', async () => {
    const one = await measure(({ s, p, q, y }) => mutual(s!, [p!, q!], y!, 2).peers, inputs);
    const two = await measure(({ s, p, q, y }) => mutual(s!, [q!, p!], y!, 2).peers, inputs);
    expect(one.values).toEqual(two.values.map((v) => expect.closeTo(v, 4)));
  });

  test('teaches the others labels and divergence, and the student nothing by that', async () => {
    const { slopes } = await measure(({ s, p, q, y }) => mutual(s!, [p!, q!], y!).peers, inputs);
    expect(largest(slopes.s!)).toBe(0);
    expect(largest(slopes.p!)).toBeGreaterThan(0);
    const same = { s: drawn(1), p: drawn(1), q: drawn(1), y: labels };
    const agreed = await measure(({ s, p, q, y }) => mutual(s!, [p!, q!], y!).peers, same);
    const alone = await measure(({ p, y }) => crossEntropy(p!, y!), same);
    expect(agreed.slopes.p).toEqual(alone.slopes.p!.map((v) => expect.closeTo(v, 5)));
  });
});

describe('class partners', () => {
  const uniform = (seed: number): Tensor => {
    const draws = random(seed, 'partners');
    return matrix(
      Array.from({ length: B * B }, () => Math.fround(draws.uniform())),
      B,
    );
  };
  async function partners(target: Tensor, draws: Tensor) {
    const graph = new Graph();
    const { at, found } = classPartners(graph.input('y', target), graph.input('u', draws));
    const got = await evaluate({ at, found }, { y: target, u: draws });
    return { at: numbers(got.at!), found: numbers(got.found!) };
  }

  test('are of the same class, and never the example itself', async () => {
    const classes = [0, 1, 0, 0, 1, 2];
    const { at, found } = await partners(hot(classes), uniform(1));
    expect(found).toEqual([1, 1, 1, 1, 1, 0]);
    for (let i = 0; i < 5; i++) {
      expect(classes[at[i]!]).toBe(classes[i]);
      expect(at[i]).not.toBe(i);
    }
  });

  test('are there even if every draw is 0, and not without a label', async () => {
    const zero = matrix(Array(B * B).fill(0), B);
    expect(await partners(hot([0, 0, 1, 1, -1, -1]), zero)).toMatchObject({ found: [1, 1, 1, 1, 0, 0] });
    expect((await partners(hot([0, 0, 1, 1, -1, -1]), zero)).at.slice(0, 4)).toEqual([1, 0, 3, 2]);
  });

  test('are all equally likely', async () => {
    const graph = new Graph();
    const target = hot([0, 0, 0, 1, 1, 1]);
    const { at } = classPartners(graph.input('y', target), graph.input('u', uniform(0)));
    const session = await open({ at });
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 150; seed++) {
      const found = await session.run({ y: target, u: uniform(seed) });
      counts[numbers(found.at!)[0]!]!++;
    }
    await session.close();
    expect(counts[0]).toBe(0);
    expect(Math.abs(counts[1]! - 75)).toBeLessThan(25);
  });
});

describe('a shallow head', () => {
  const loss =
    (alpha: number, lambda: number): Loss =>
    ({ z, f, deepZ, deepF, y }) =>
      shallowHead({ logits: z!, features: f! }, { logits: deepZ!, features: deepF! }, y!, { alpha, temperature: 3, lambda });
  const inputs = { z: drawn(1), f: drawn(2, 5), deepZ: drawn(3), deepF: drawn(4, 5), y: labels };

  test('that is like the deepest has the labels left to learn', async () => {
    const { slopes, values } = await measure(loss(1, 1), { ...inputs, deepZ: inputs.z, deepF: inputs.f });
    expect(largest([...values, ...slopes.z!, ...slopes.f!])).toBeLessThan(1e-5);
    const hard = await measure(({ z, y }) => crossEntropy(z!, y!), inputs);
    expect((await measure(loss(0, 0), inputs)).values).toEqual(hard.values.map((v) => expect.closeTo(v, 5)));
  });

  test('leaves the deepest alone', async () => {
    const { slopes } = await measure(loss(0.5, 0.1), inputs);
    expect(largest([...slopes.deepZ!, ...slopes.deepF!])).toBe(0);
    expect(largest(slopes.f!)).toBeGreaterThan(0);
  });
});
