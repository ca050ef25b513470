import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import type { ExampleType } from '../../src/data/dataset.ts';
import type { Value } from '../../src/graph/graph.ts';
import { type DType, tensor } from '../../src/graph/type.ts';
import type { Host } from '../../src/synthesis/host.ts';
import { apart } from '../support/golden.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { hostOf, picture, vector } from '../support/synthesis.ts';

interface Packed {
  readonly shape: number[];
  readonly dtype: DType;
  readonly data: number[];
}

interface Options {
  readonly mean?: number[];
  readonly std?: number[];
}

interface Case {
  readonly loss: string;
  readonly note: string;
  readonly options: Options;
  readonly inputs: Readonly<Record<string, Packed>>;
  readonly values: number[];
  readonly gradients: Readonly<Record<string, number[]>>;
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/golden/synthesis-networks.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const kindOf = (shape: readonly number[]): ExampleType =>
  shape.length === 3 ? picture(...(shape as [number, number, number])) : vector(shape[0] ?? 1);

/**
 * Compares a prior and its gradients with the cases of scripts/reference/synthesis_networks.py.
 *
 * @param build The loss, with what of a case no host has; the host's tensors get the numbers of the case by their names.
 */
export function goldenPrior(
  kind: string,
  build: (input: (name: string) => Value, host: Host, options: object) => Value | Promise<Value>,
): void {
  test.each(cases.filter(({ loss }) => loss === kind))(
    '$note, against PyTorch',
    async ({ options, inputs, values, gradients }) => {
      const [batchSize, ...shape] = (inputs.view ?? inputs.logits)!.shape as [number, ...number[]];
      const { mean, std, ...own } = options;
      const spreads = { mean: mean ?? std?.map(() => 0) ?? [], std: std ?? [] };
      const { graph, host, values: made } = hostOf({ batchSize, example: kindOf(shape), spreads });
      const given = new Map<string, Value>();
      const input = (name: string): Value => {
        const value = given.get(name) ?? graph.input(name, inputs[name]!);
        given.set(name, value);
        return value;
      };
      const loss = await build(input, host, own);
      expect(loss.shape).toEqual([]);
      for (const [name, value] of made) expect([name, value.shape]).toEqual([name, inputs[name]!.shape]);
      const wrt = Object.keys(gradients);
      const slopes = grad(
        loss,
        wrt.map((name) => made.get(name) ?? given.get(name)!),
      );
      const found = await evaluate(
        { loss, ...Object.fromEntries(wrt.map((name, i) => [`d ${name}`, slopes[i]!])) },
        Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, tensor(t.dtype, t.shape, t.data)])),
      );
      expect(apart(numbers(found.loss!), values)).toBeLessThan(1e-5);
      for (const name of wrt) expect([name, apart(numbers(found[`d ${name}`]!), gradients[name]!) < 3e-5]).toEqual([name, true]);
    },
  );
}
