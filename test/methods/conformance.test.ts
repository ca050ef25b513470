import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { combine } from '../../src/methods/combine.ts';
import { digested } from '../../src/methods/define.ts';
import { type LossOptions, lossSchema, methodOf, methods } from '../../src/methods/index.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { samples as attention } from './samples/attention.ts';
import type { MethodSample } from './samples/define.ts';
import { samples as features } from './samples/features.ts';
import { samples as relations } from './samples/relations.ts';
import { samples as responses } from './samples/responses.ts';
import { samples as self } from './samples/self.ts';
import { samples as targets } from './samples/targets.ts';
import { type StandIn, standIn } from './signals.ts';

const all = [...targets, ...responses, ...features, ...relations, ...attention, ...self];
const named = all.map((sample) => [JSON.stringify(sample.options).replaceAll('"', ''), sample] as const);

const parsed = ({ options }: MethodSample): LossOptions => lossSchema.parse(options);

type Shapes = Readonly<Record<string, readonly number[]>>;
const resized = (shapes: Shapes, batch: number): Shapes =>
  Object.fromEntries(Object.entries(shapes).map(([name, [, ...rest]]) => [name, [batch, ...rest]]));
const batchOf = (sample: MethodSample): number => Object.values(sample.student)[0]![0]!;

function opened(sample: MethodSample, batch = batchOf(sample)): StandIn {
  const target = sample.target ?? [batch, sample.student.logits?.[1] ?? 3];
  return standIn({
    student: resized(sample.student, batch),
    teacher: resized(sample.teacher, batch),
    target: [batch, ...target.slice(1)],
  });
}

const fixedData = ({ fixed = {} }: MethodSample, made: StandIn) =>
  Object.fromEntries(
    Object.entries(fixed).map(([name, of]) => [name, Array.from({ length: made.feeds()[name]!.data.length }, (_, i) => of(i))]),
  );

/** Total and gradients with respect to student taps and parameters, as numbers. */
async function run(sample: MethodSample, made: StandIn, data: Readonly<Record<string, readonly number[]>> = {}) {
  const options = parsed(sample);
  const { signals } = made;
  const { total, shows } = combine({ ...signals, extras: () => signals.extras }, { losses: [options] });
  const wrt = new Map<string, Value>([
    ...[...signals.student].map(([tap, v]) => [`student.${tap}`, v] as const),
    ...made.params().map((p) => [p.name, p.value] as const),
  ]);
  const slopes = grad(total, [...wrt.values()]);
  const outputs = Object.fromEntries([...wrt.keys()].map((name, i) => [`d ${name}`, slopes[i]!]));
  const kept = Object.fromEntries(made.buffers().map(({ name, after }) => [`after ${name}`, after]));
  const found = await evaluate(
    { total, ...outputs, ...kept, ...Object.fromEntries(shows) },
    made.feeds(1, { ...data, ...fixedData(sample, made) }),
  );
  return {
    total: numbers(found.total!)[0]!,
    slopes: Object.keys(outputs).map((name) => numbers(found[name]!)),
    everything: Object.values(found).flatMap(numbers),
  };
}

const fill = (made: StandIn, value: (i: number, name: string) => number) =>
  Object.fromEntries(
    Object.entries(made.feeds())
      .filter(([name]) => /^(student|teacher)\./.test(name))
      .map(([name, t]) => [name, Array.from(t.data as Float32Array, (_, i) => value(i, name))]),
  );

describe.each(named)('%s', (_, sample) => {
  test('taps what it says, and finds it in the sample', () => {
    const { signals } = opened(sample);
    const needs = methodOf(parsed(sample)).needs(parsed(sample), signals.offer);
    for (const tap of needs.student) expect([...signals.offer.student.keys()]).toContain(tap);
    for (const tap of needs.teacher) expect([...signals.offer.teacher.keys()]).toContain(tap);
  });

  test('reads the same of a digest as of the taps it is made of', async () => {
    const { digests } = methodOf(parsed(sample)).needs(parsed(sample), opened(sample).signals.offer);
    const made = opened(sample);
    const fed = digests && {
      ...made.signals,
      teacher: new Map(digests.map((d) => [d.name, digested(made.signals.teacher, d)])),
    };
    for (const digest of digests ?? []) {
      expect(digest.taps).not.toContain('logits');
      expect(fed!.teacher.get(digest.name)!.shape[0]).toBe(batchOf(sample));
      // A teacher's file takes batches of any size.
      const graph = new Graph();
      const open = digest.taps.map((tap) => {
        const { dtype, shape } = made.signals.teacher.get(tap)!;
        return graph.input(tap, { dtype, shape: ['N', ...shape.slice(1)] });
      });
      expect(digest.make(...open).shape).toEqual(['N', ...fed!.teacher.get(digest.name)!.shape.slice(1)]);
    }
    // A loss that still wants a tap that was not asked for would find nothing here.
    const { values } = methodOf(parsed(sample)).loss(fed ?? made.signals, parsed(sample));
    expect(values.shape).toEqual([batchOf(sample)]);
  });

  test('gives one value per example, and a gradient', async () => {
    const made = opened(sample);
    const { values, valid } = methodOf(parsed(sample)).loss(made.signals, parsed(sample));
    expect(values.shape).toEqual([batchOf(sample)]);
    if (valid) expect(valid.shape).toEqual([batchOf(sample)]);
    const { everything, slopes } = await run(sample, opened(sample));
    expect(everything.every(Number.isFinite)).toBe(true);
    expect(slopes.some((slope) => slope.some((g) => Math.abs(g) > 1e-9))).toBe(true);
  });

  test('stays finite: numbers of ±40, equal rows, zeros, the smallest batch', async () => {
    const inputs: ((made: StandIn) => Readonly<Record<string, readonly number[]>>)[] = [
      (made) => fill(made, (i, name) => ((i * 7 + name.length) % 3 === 0 ? 40 : -40)),
      (made) => fill(made, () => 1.5),
      (made) => fill(made, () => 0),
    ];
    for (const given of inputs) {
      const made = opened(sample);
      expect((await run(sample, made, given(made))).everything.every(Number.isFinite)).toBe(true);
    }
    expect((await run(sample, opened(sample, sample.smallestBatch ?? 1))).everything.every(Number.isFinite)).toBe(true);
  });
});

describe.each(named.filter(([, { zeroAtTeacher }]) => zeroAtTeacher))('%s', (_, sample) => {
  test('is zero where student and teacher say the same', async () => {
    const made = opened(sample);
    const feeds = made.feeds();
    const same = Object.fromEntries(
      Object.keys(sample.student)
        .filter((tap) => tap in sample.teacher)
        .map((tap) => [`student.${tap}`, Array.from(feeds[`teacher.${tap}`]!.data as Float32Array)]),
    );
    expect(Math.abs((await run(sample, made, same)).total)).toBeLessThan(1e-5);
  });
});

test('every method has a sample', () => {
  expect([...new Set(all.map(({ options }) => options.kind))].sort()).toEqual(methods.map((m) => m.kind).sort());
});
