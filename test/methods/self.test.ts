import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import type { Progress, Signals } from '../../src/methods/define.ts';
import { lossSchema, methodOf } from '../../src/methods/index.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { type StandIn, standIn } from './signals.ts';

const [B, K] = [6, 3];
const open = (step = 0, student: Readonly<Record<string, readonly number[]>> = { logits: [B, K] }): StandIn =>
  standIn({ student, target: [B, K], progress: { step } });

const loss = (signals: Signals, given: object) => {
  const options = lossSchema.parse(given);
  return methodOf(options).loss(signals, options);
};

/** What a loss asks of its slow copy: how much of it to keep, at each step of a training of 100 steps and 10 epochs. */
function keeps(given: object): (step: number) => number {
  const { signals } = open();
  let asked: ((progress: Progress) => number) | undefined;
  const shadow: Signals['extras']['shadow'] = (name, keep) => {
    asked = keep;
    return signals.extras.shadow(name, keep);
  };
  loss({ ...signals, extras: { ...signals.extras, shadow } }, given);
  return (step) => asked!({ step, steps: 100, stepsPerEpoch: 10 });
}

/** A number that a loss records. */
async function shown(given: object, name: string, step: number): Promise<number> {
  const made = open(step);
  const value = loss(made.signals, given).shows![name]!;
  return numbers((await evaluate({ value }, made.feeds())).value!)[0]!;
}

describe('past-self', () => {
  test('its share grows from the second epoch on to its last number', async () => {
    const at = (step: number, more: object = {}) => shown({ kind: 'past-self', ...more }, 'alpha', step);
    expect(await at(9)).toBe(0);
    expect(await at(10)).toBeCloseTo(0.8 * 0.2, 6);
    expect(await at(59)).toBeCloseTo(0.8 * 0.6, 6);
    expect(await at(99)).toBeCloseTo(0.8, 6);
    expect(await at(10, { growth: 'constant', alpha: 0.5 })).toBe(0.5);
    expect(await at(0, { growth: 'constant', alpha: 0.5 })).toBe(0);
  });

  test('its copy is renewed after the last step of an epoch', () => {
    const keep = keeps({ kind: 'past-self' });
    expect([9, 19, 99].map(keep)).toEqual([0, 0, 0]);
    expect([0, 1, 8, 10, 25].map(keep)).toEqual([1, 1, 1, 1, 1]);
  });

  test('a record holds what the student says of the examples of the batch, and answers with what it said before', async () => {
    const made = open(50);
    const { values } = loss(made.signals, { kind: 'past-self', past: 'record', growth: 'constant', alpha: 1 });
    const [record] = made.buffers();
    const feeds = made.feeds();
    const found = await evaluate({ values, after: record!.after }, feeds);
    const after = numbers(found.after!);
    const said = numbers(feeds['student.logits']!);
    const places = numbers(feeds.indices!);
    expect(after).toHaveLength(64 * K);
    places.forEach((place, i) => {
      expect(after.slice(place * K, place * K + K)).toEqual(said.slice(i * K, i * K + K));
    });
    expect(after.filter((v) => v !== 0)).toHaveLength(B * K);
    const again = await evaluate({ values }, { ...feeds, [record!.name]: found.after! });
    expect(numbers(found.values!).every((v) => v > 0)).toBe(true);
    expect(Math.max(...numbers(again.values!).map(Math.abs))).toBeLessThan(1e-6);
  });
});

describe('mean-teacher', () => {
  test('its average is a plain mean at first', () => {
    const keep = keeps({ kind: 'mean-teacher', decay: 0.9 });
    expect([0, 1, 3, 9, 50].map(keep)).toEqual([0, 0.5, 0.75, 0.9, 0.9]);
  });

  test('comes to its full weight over the first epochs', async () => {
    const at = async (step: number): Promise<number> => {
      const made = open(step);
      const total = sum(loss(made.signals, { kind: 'mean-teacher' }).values);
      return numbers((await evaluate({ total }, made.feeds())).total!)[0]!;
    };
    const full = await at(50);
    expect((await at(0)) / full).toBeCloseTo(Math.exp(-5), 5);
    expect((await at(25)) / full).toBeCloseTo(Math.exp(-1.25), 4);
    expect(await at(99)).toBe(full);
  });
});

describe('deep-supervision', () => {
  const student = { 'hidden.0': [B, 4, 2, 2], 'hidden.2': [B, 5], 'hidden.10': [B, 8], logits: [B, K] };

  test('asks for all hidden layers in their order, and takes the last for the deepest', () => {
    const made = open(0, student);
    const options = lossSchema.parse({ kind: 'deep-supervision' });
    const needs = methodOf(options).needs(options, made.signals.offer);
    expect(needs).toEqual({ teacher: [], student: ['logits', 'hidden.0', 'hidden.2', 'hidden.10'], labels: true });
    loss(made.signals, options);
    expect(made.params().map(({ name, shape }) => [name, shape])).toEqual([
      ['head.0.bottleneck.weight', [4, 8]],
      ['head.0.bottleneck.bias', [8]],
      ['head.0.classifier.weight', [8, K]],
      ['head.0.classifier.bias', [K]],
      ['head.1.bottleneck.weight', [5, 8]],
      ['head.1.bottleneck.bias', [8]],
      ['head.1.classifier.weight', [8, K]],
      ['head.1.classifier.bias', [K]],
    ]);
  });

  test('names taps that a model without enough of them lacks', () => {
    const options = lossSchema.parse({ kind: 'deep-supervision' });
    const needs = methodOf(options).needs(options, { student: new Map([['hidden.0', [4]]]), teacher: new Map() });
    expect(needs.student).toEqual(['logits', 'hidden.0', 'hidden.1']);
  });

  test('moves the shallow layers and leaves the deepest alone', async () => {
    const made = open(0, student);
    const { values } = loss(made.signals, { kind: 'deep-supervision', lambda: 0.1 });
    const taps = [...made.signals.student.values()];
    const slopes = grad(sum(values), taps);
    const found = await evaluate(Object.fromEntries(slopes.map((v, i) => [`d${i}`, v])), made.feeds());
    const moved = taps.map((_, i) => numbers(found[`d${i}`]!).some((g) => g !== 0));
    expect(Object.fromEntries([...made.signals.student.keys()].map((tap, i) => [tap, moved[i]]))).toEqual({
      'hidden.0': true,
      'hidden.2': true,
      'hidden.10': false,
      logits: false,
    });
  });
});

test('cs-kd counts the examples that have a partner', async () => {
  const made = open();
  const { valid } = loss(made.signals, { kind: 'cs-kd' });
  const target = [0, 0, 1, 2, 2, 2].flatMap((l) => [0, 1, 2].map((k) => Number(k === l)));
  const found = await evaluate({ valid: valid! }, made.feeds(1, { target }));
  expect(numbers(found.valid!)).toEqual([1, 1, 0, 1, 1, 1]);
});

test('mutual trains every peer, and records both sides', async () => {
  const made = open();
  const { extras, student } = made.signals;
  const { values, shows } = loss(made.signals, { kind: 'mutual', peers: 2 });
  const logits = [student, extras.peer('peer.0'), extras.peer('peer.1')].map((side) => side.get('logits')!);
  const slopes = grad(sum(values), logits);
  const found = await evaluate({ values, ...shows, ...Object.fromEntries(slopes.map((v, i) => [`d${i}`, v])) }, made.feeds());
  for (const i of [0, 1, 2]) expect(numbers(found[`d${i}`]!).some((g) => g !== 0)).toBe(true);
  const mean = numbers(found.values!).reduce((a, b) => a + b) / B;
  expect(numbers(found.divergence!)[0]! + numbers(found.peers!)[0]!).toBeCloseTo(mean, 5);
});
