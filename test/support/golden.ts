import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { type DType, tensor } from '../../src/graph/type.ts';
import { mean } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from './ort.ts';

interface Packed {
  readonly shape: number[];
  readonly dtype: DType;
  readonly data: number[];
}

interface Case<O> {
  readonly loss: string;
  readonly note: string;
  readonly options: O;
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly values: number[];
  /** Of the mean of the values, by input. */
  readonly gradients: Readonly<Record<string, number[]>>;
  /** Instead of the usual one, for both values and gradients. */
  readonly tolerance?: number;
}

/** A loss on the inputs of a case by name: one value per example. */
export type GoldenLoss<O> = (inputs: Readonly<Record<string, Value>>, options: O) => Value;

/** Largest difference, relative to the largest wanted number. */
export const apart = (found: readonly number[], wanted: readonly number[]): number => {
  expect(found.length).toBe(wanted.length);
  expect(found.every(Number.isFinite)).toBe(true);
  const size = Math.max(1e-3, ...wanted.map(Math.abs));
  return Math.max(0, ...found.map((v, i) => Math.abs(v - wanted[i]!))) / size;
};

/** Compares losses and their gradients with the cases of a file that a script under scripts/reference made. */
export function goldenLosses<O>(file: string, losses: Readonly<Record<string, GoldenLoss<O>>>): void {
  const { cases } = JSON.parse(readFileSync(new URL(`../fixtures/golden/${file}`, import.meta.url), 'utf8')) as {
    cases: Case<O>[];
  };

  describe(`${file} against PyTorch`, () => {
    test.each(cases)('$loss: $note', async ({ loss, options, inputs, values, gradients, tolerance }) => {
      const graph = new Graph();
      const given = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, graph.input(name, t)]));
      const perExample = losses[loss]!(given, options);
      expect(perExample.shape).toEqual([values.length]);
      const wrt = Object.keys(gradients);
      const slopes = grad(
        mean(perExample),
        wrt.map((name) => given[name]!),
      );
      const found = await evaluate(
        { values: perExample, ...Object.fromEntries(wrt.map((name, i) => [`d ${name}`, slopes[i]!])) },
        Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, tensor(t.dtype, t.shape, t.data)])),
      );
      expect(apart(numbers(found.values!), values)).toBeLessThan(tolerance ?? 1e-5);
      for (const name of wrt) expect(apart(numbers(found[`d ${name}`]!), gradients[name]!)).toBeLessThan(tolerance ?? 2e-5);
    });

    test('every loss has cases', () => {
      expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(Object.keys(losses)));
    });
  });
}
