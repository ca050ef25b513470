import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { type Built, buildModel } from '../../src/models/build.ts';
import { mul } from '../../src/ops/elementwise.ts';
import { sum } from '../../src/ops/reduce.ts';
import { sgd } from '../../src/optim/sgd.ts';
import { applyUpdates } from '../../src/optim/update.ts';
import { evaluate, numbers as listed, open } from '../support/ort.ts';

type Summaries = Record<string, [norm: number, product: number]>;
interface Case {
  readonly options: z.input<typeof architectureSchema>;
  readonly batch: number;
  readonly picture: number[];
  readonly classes: number;
  readonly parameters: string[];
  readonly training: number[][];
  readonly gradients: Summaries;
  readonly weights: Summaries;
  readonly buffers: Record<string, number[]>;
  readonly evaluation: number[];
}
const { cases } = JSON.parse(readFileSync(new URL('../fixtures/golden/models.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

/** The numbers of scripts/reference/models.py. */
const numbers = (seed: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => ((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5);
const scaled = (seed: number, shape: readonly number[], factor: number, offset = 0): Tensor =>
  tensor('float32', shape, numbers(seed, sizeOf(shape)).map((v) => v * factor + offset)); // biome-ignore format: one call

function weight(k: number, name: string, shape: readonly number[]): Tensor {
  if (shape.length === 1) return scaled(k, shape, 0.4, name.endsWith('weight') ? 1 : 0);
  const fan = shape.length === 4 ? sizeOf(shape.slice(1)) : shape[0]!;
  return scaled(k, shape, Math.sqrt(24 / fan));
}

function expectClose(found: readonly number[], wanted: readonly number[], what: string, tolerance = 1e-4): void {
  const size = Math.max(1e-2, ...wanted.map(Math.abs));
  expect(Math.max(...found.map((v, i) => Math.abs(v - wanted[i]!))) / size, what).toBeLessThan(tolerance);
  expect(found.length).toBe(wanted.length);
}

function expectSummaries(found: (name: string) => Tensor, wanted: Summaries): void {
  for (const [name, [norm, product]] of Object.entries(wanted)) {
    const values = listed(found(name));
    const at = numbers(7, values.length);
    expectClose([Math.hypot(...values)], [norm], `norm of ${name}`, 1e-3);
    expect(Math.abs(values.reduce((s, v, i) => s + v * at[i]!, 0) - product), name).toBeLessThan(1e-3 * Math.max(norm, 1e-2));
  }
}

/** One step of training as a graph: loss, gradients, SGD with momentum. */
function trainingStep(built: Built, graph: Graph, batch: number): Record<string, Value> {
  const loss = mul(sum(mul(built.logits, graph.input('cotangent', built.logits.type))), 1 / batch);
  const names = built.params.map(({ name }) => name);
  const gradients = grad(loss, built.params.map(({ value }) => value)); // biome-ignore format: one call
  const results: Record<string, Value> = { logits: built.logits };
  const updates = sgd({ rate: () => 0.02, momentum: 0.9 })(new Map(names.map((name, i) => [name, gradients[i]!])), {
    parameters: built.params,
    slot: (name, shape) => ({
      before: graph.input(name, { dtype: 'float32', shape }),
      after: (next) => {
        results[`next ${name}`] = next;
      },
    }),
    scalar: (_, at) => graph.scalar(at(0)),
  });
  for (const [name, value] of applyUpdates(built.params, updates)) results[`next ${name}`] = value;
  for (const { name, after } of built.buffers) results[`next ${name}`] = after;
  for (const [i, name] of names.entries()) results[`gradient ${name}`] = gradients[i]!;
  return results;
}

describe('networks against PyTorch', () => {
  test.each(cases.map((c) => [JSON.stringify(c.options), c] as const))('%s', async (_, expected) => {
    const { batch, picture, classes } = expected;
    const model = createModel(architectureSchema.parse(expected.options), { input: picture, outputs: classes });
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [batch, ...picture] });
    const built = buildModel(model, graph, x, { training: true, source: 'inputs' });
    expect(built.params.map(({ name }) => name)).toEqual(expected.parameters);

    const session = await open(trainingStep(built, graph, batch));
    const state: Record<string, Tensor> = {};
    built.params.forEach(({ name, shape }, k) => {
      state[name] = weight(k, name, shape);
      state[`trace.${name}`] = tensor('float32', shape, Array(sizeOf(shape)).fill(0));
    });
    for (const { name, shape, init } of built.buffers) {
      const data = new Float32Array(sizeOf(shape));
      init(data, { uniform: () => 0, normal: () => 0 });
      state[name] = { dtype: 'float32', shape, data };
    }
    for (const [step, logits] of expected.training.entries()) {
      const results = await session.run({
        ...state,
        x: scaled(100 + step, [batch, ...picture], 4),
        cotangent: scaled(200 + step, [batch, classes], 1),
      });
      expectClose(listed(results.logits!), logits, `logits of step ${step}`);
      if (step === 0) expectSummaries((name) => results[`gradient ${name}`]!, expected.gradients);
      for (const [name, t] of Object.entries(results)) if (name.startsWith('next ')) state[name.slice(5)] = t;
    }
    await session.close();
    expectSummaries((name) => state[name]!, expected.weights);
    for (const [name, values] of Object.entries(expected.buffers)) expectClose(listed(state[name]!), values, name);

    const evaluation = new Graph();
    const y = evaluation.input('x', { dtype: 'float32', shape: [batch, ...picture] });
    const trained = new Map(Object.entries(state));
    const { logits, buffers } = buildModel(model, evaluation, y, { training: false, source: trained });
    expect(buffers.every(({ before, after }) => before === after)).toBe(true);
    const found = await evaluate({ logits }, { x: scaled(300, [batch, ...picture], 4) });
    expectClose(listed(found.logits!), expected.evaluation, 'evaluation', 3e-4);
  });
});
