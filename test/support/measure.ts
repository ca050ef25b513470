import { expect } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from './ort.ts';

/** A loss of two values: one number per example. */
export type Loss = (a: Value, b: Value) => Value;

/** Values per example, and the gradient of their sum with respect to the first argument. */
export async function measure(loss: Loss, a: Tensor, b: Tensor): Promise<{ values: number[]; slope: number[] }> {
  const graph = new Graph();
  const x = graph.input('a', a);
  const perExample = loss(x, graph.input('b', b));
  const [slope] = grad(sum(perExample), [x]);
  const found = await evaluate({ values: perExample, slope: slope! }, { a, b });
  return { values: numbers(found.values!), slope: numbers(found.slope!) };
}
export const valuesOf = async (loss: Loss, a: Tensor, b: Tensor): Promise<number[]> => (await measure(loss, a, b)).values;

export const [B, K] = [5, 6];
/** Rows of numbers. */
export const matrix = (data: readonly (readonly number[])[]): Tensor =>
  tensor('float32', [data.length, data[0]!.length], data.flat());
/** Logits that float32 holds exactly. */
export function drawn(seed: number, rows = B, columns = K): number[][] {
  const draws = random(seed, 'logits');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => Math.fround(draws.normal() * 2)));
}
/** [B, K]. */
export const logits = (seed: number): Tensor => matrix(drawn(seed));
/** Every number changed. */
export const mapped = (t: Tensor, by: (v: number) => number): Tensor => tensor('float32', t.shape, numbers(t).map(by));
/** Some rows, in an order. */
export const ordered = (t: Tensor, rows: readonly number[]): Tensor => {
  const v = numbers(t);
  const width = t.shape[1]!;
  return matrix(rows.map((i) => v.slice(i * width, (i + 1) * width)));
};
/** One-hot rows. */
export const hot = (labels: readonly number[], classes = K): Tensor =>
  matrix(labels.map((y) => Array.from({ length: classes }, (_, k) => Number(k === y))));
export const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));
/** Largest difference of two lists. */
export const difference = (a: readonly number[], b: readonly number[]): number => {
  expect(a.length).toBe(b.length);
  return largest(a.map((v, i) => v - b[i]!));
};
/** A constant in the graph of a value. */
export const given = (like: Value, t: Tensor): Value => like.graph.constant(t);
/** Logarithms of equal weights, [1, m]. */
export const even = (like: Value, m: number): Value => given(like, tensor('float32', [1, m], Array(m).fill(-Math.log(m))));
