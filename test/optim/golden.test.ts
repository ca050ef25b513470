import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Graph, Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { averagedName } from '../../src/optim/ema.ts';
import { createOptimizer, optimizerSchema, optimizers } from '../../src/optim/presets.ts';
import { scheduleFactor, scheduleSchema, schedules } from '../../src/optim/schedules.ts';
import { type Feeds, numbers } from '../support/ort.ts';
import { stepper } from './stepper.ts';

type Weights = Record<string, number[]>;
interface Golden {
  readonly optimizers: { options: z.input<typeof optimizerSchema>; weights: Record<string, Weights> }[];
  readonly uneven: { counts: number[]; weights: Weights };
  readonly total: number;
  readonly schedules: { options: z.input<typeof scheduleSchema>; factors: number[] }[];
}
const golden = JSON.parse(readFileSync(new URL('../fixtures/golden/optim.json', import.meta.url), 'utf8')) as Golden;

/** The problem of scripts/reference/optim.py: weights are drawn to a place that moves from step to step. */
const shapes: Readonly<Record<string, number[]>> = { 'fc.weight': [3, 2], 'fc.bias': [4], scale: [] };
const names = Object.keys(shapes);
const STEPS = 24;

const spread = (seed: number, shape: readonly number[], factor: number): Tensor =>
  tensor(
    'float32',
    shape,
    Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, i) => factor * (((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5),
    ),
  );
const start = Object.fromEntries(names.map((name, k) => [name, spread(k, shapes[name]!, 2)]));
const places = (step: number): Feeds =>
  Object.fromEntries(names.map((name, k) => [`place.${name}`, spread(1000 + 17 * step + k, shapes[name]!, 3)]));
const pull = (graph: Graph, name: string, w: Value): Value => add(mul(w, 1.5), graph.input(`place.${name}`, w.type));

function expectClose(found: Readonly<Record<string, Tensor>>, wanted: Weights, slot: (name: string) => string): void {
  for (const name of names) {
    const values = numbers((found[slot(name)] ?? found[name])!);
    expect(values, name).toEqual(wanted[name]!.map((w) => expect.closeTo(w, 4.7)));
  }
}

describe('optimizers against PyTorch', () => {
  test.each(golden.optimizers.map((c) => [JSON.stringify(c.options), c] as const))('%s', async (_, { options, weights }) => {
    const parsed = optimizerSchema.parse(options);
    const path = stepper(start, pull, () => createOptimizer(parsed, names, STEPS).transform);
    const states = await path.run(path.start, STEPS, places);
    const shown = parsed.ema ? averagedName : (name: string): string => name;
    for (const [step, wanted] of Object.entries(weights)) expectClose(states[Number(step) - 1]!.tensors, wanted, shown);
  });

  test('every kind has a case', () => {
    expect(new Set(golden.optimizers.map(({ options }) => options.kind))).toEqual(new Set(optimizers.map(({ kind }) => kind)));
  });
});

test('uneven batches that are accumulated weigh by their examples', async () => {
  const { counts, weights } = golden.uneven;
  const options = optimizerSchema.parse({ kind: 'sgd', learningRate: 0.1, accumulate: 3, schedule: { kind: 'constant' } });
  const path = stepper(
    start,
    pull,
    (graph: Graph) => createOptimizer(options, names, STEPS, graph.input('count', { dtype: 'float32', shape: [] })).transform,
  );
  const feeds = (step: number): Feeds => ({ ...places(step), count: tensor('float32', [], [counts[step % 3]!]) });
  const states = await path.run(path.start, STEPS, feeds);
  expectClose(states.at(-1)!.tensors, weights, (name) => name);
  for (const name of names) {
    expect(states[3]!.tensors[name]).toEqual(states[2]!.tensors[name]);
    expect(states[5]!.tensors[name]).not.toEqual(states[4]!.tensors[name]);
  }
});

describe('schedules against PyTorch', () => {
  test.each(golden.schedules.map((c) => [JSON.stringify(c.options), c] as const))('%s', (_, { options, factors }) => {
    const parsed = scheduleSchema.parse(options);
    const found = factors.map((_, at) => scheduleFactor(parsed, at, golden.total));
    expect(found).toEqual(factors.map((f) => expect.closeTo(f, 12)));
  });

  test('every kind has a case', () => {
    expect(new Set(golden.schedules.map(({ options }) => options.kind))).toEqual(new Set(schedules.map(({ kind }) => kind)));
  });

  test('nothing but finite factors, whatever the length', () => {
    for (const { kind } of schedules) {
      for (const total of [1, 2, 3, 7]) {
        const factors = Array.from({ length: total + 2 }, (_, step) =>
          scheduleFactor(scheduleSchema.parse({ kind }), step, total),
        );
        expect(
          factors.every((f) => f >= 0 && f <= 1),
          `${kind} over ${total}: ${factors}`,
        ).toBe(true);
      }
    }
  });
});
