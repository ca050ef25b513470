import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type DType, tensor } from '../../src/graph/type.ts';
import { binaryCrossEntropy } from '../../src/losses/binary-cross-entropy.ts';
import { cosineDistance } from '../../src/losses/cosine.ts';
import { crossEntropy, sparseCrossEntropy } from '../../src/losses/cross-entropy.ts';
import { huber, meanAbsoluteError, meanSquaredError } from '../../src/losses/regression.ts';
import { entropy, reverseSoftTargets, softTargets } from '../../src/losses/soft-targets.ts';
import { mean } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';

interface Case {
  readonly loss: string;
  readonly note: string;
  readonly options: {
    readonly temperature: number;
    readonly delta: number;
    readonly smoothing: number;
    readonly ignoreIndex: number;
    readonly classWeights: number[];
  };
  readonly a: { readonly shape: number[]; readonly data: number[] };
  readonly b: { readonly shape: number[]; readonly data: number[]; readonly dtype: DType };
  readonly values: number[];
  readonly gradient: number[];
}
const { cases } = JSON.parse(readFileSync(new URL('../fixtures/golden/losses.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

type Loss = (a: Value, b: Value, options: Case['options']) => Value;
const losses: Readonly<Record<string, Loss>> = {
  softTargets: (a, b, { temperature }) => softTargets(a, b, temperature),
  reverseSoftTargets: (a, b, { temperature }) => reverseSoftTargets(a, b, temperature),
  entropy: (a, _, { temperature }) => entropy(a, temperature),
  crossEntropy,
  sparseCrossEntropy,
  meanSquaredError,
  meanAbsoluteError,
  huber: (a, b, { delta }) => huber(a, b, delta),
  binaryCrossEntropy,
  cosineDistance,
};

const apart = (found: readonly number[], wanted: readonly number[]): number => {
  expect(found.length).toBe(wanted.length);
  const size = Math.max(1e-3, ...wanted.map(Math.abs));
  return Math.max(...found.map((v, i) => Math.abs(v - wanted[i]!))) / size;
};

describe('losses against PyTorch', () => {
  test.each(cases)('$loss: $note', async ({ loss, options, a, b, values, gradient }) => {
    const graph = new Graph();
    const x = graph.input('a', { dtype: 'float32', shape: a.shape });
    const y = graph.input('b', { dtype: b.dtype, shape: b.shape });
    const perExample = losses[loss]!(x, y, options);
    expect(perExample.shape).toEqual([a.shape[0]]);
    const [slope] = grad(mean(perExample), [x]);
    const found = await evaluate(
      { values: perExample, slope: slope! },
      { a: tensor('float32', a.shape, a.data), b: tensor(b.dtype, b.shape, b.data) },
    );
    expect(apart(numbers(found.values!), values)).toBeLessThan(1e-5);
    expect(apart(numbers(found.slope!), gradient)).toBeLessThan(2e-5);
  });

  test('every loss has a case of its own', () => {
    expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(Object.keys(losses)));
  });
});
